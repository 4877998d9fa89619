"""Asks the Rust parser about 20,000 damaged safetensors files, for test/checkpoint to compare Vitrine's verdicts with.

Run: python scripts/golden/safetensors_verdicts.py [--check]   (made with safetensors 0.8.0)
Writes test/golden/safetensors/verdicts.json: a bit for each file (1: read), and the digest of all files, which shows that the mutator in
test/checkpoint/mutator.ts makes the same ones; --check compares instead. Change both mutators together.
"""

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path

import safetensors

HERE = Path(__file__).resolve().parents[2] / "test" / "golden" / "safetensors" / "verdicts.json"
COUNT = 20_000
SEED = 20261125
ENTRIES = [
    '"__metadata__":{"format":"pt","a":"\\u00e9"}',
    '"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}',
    '"y":{"shape":[],"data_offsets":[8,10],"dtype":"F16"}',
    '"z":{"dtype":"U8","shape":[0,3],"data_offsets":[10,10],"extra":[1.5e3,{"a":null}]}',
    '"w":{"dtype":"I64","shape":[1],"data_offsets":[10,18]}',
]
# Bytes of data that the first so many entries have.
SIZES = [0, 0, 8, 10, 10, 18]
PIECES = [
    "0", "1", "2", "8", "10", "16", "-", ".5", "e1", "-1", "1.0", '"', "\\", "\\n", "\\u12", "\\u0041", "\\ud800", "\\udc00", "\\ud83d\\ude00", "{", "}", "[",
    "]", ",", ":", " ", "\n", "\t", "\0", "\x7f", "null", "true", "NaN", "é", '"dtype"', '"U8"', '"F32"', '"BF16"', '"F4"', '"F8_E4M3"', '"shape"',
    '"data_offsets"', "[2,1]", "[1,2]", "[0,8]", "[8,10]", '"a":1,', '"dtype":"F32",', "[[", "]]", '"y"', "0,", ",0", "9007199254740992",
    "9007199254740991", "18446744073709551616", "4294967296", "1e999", "01", "/*", "[]", "{}", "",
]


class Random:
    """xorshift32: 32-bit numbers, the same in every language."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        x = self.state
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self.state = x
        return x % limit


def mutated(random):
    """A good file of up to five entries with no to three faults in its header, and perhaps one in its bytes."""
    count = random.below(6)
    first = random.below(count + 1)
    header = "{" + ",".join(ENTRIES[first:count] + ENTRIES[:first]) + "}"
    for _ in range(random.below(4)):
        at = random.below(len(header) + 1)
        cut = [0, 0, 1, 1, 2, 6][random.below(6)]
        piece = PIECES[random.below(len(PIECES))] if random.below(3) > 0 else ""
        header = header[:at] + piece + header[at + cut :]
    raw = bytearray(header.encode())
    if len(raw) > 0 and random.below(8) == 0:
        raw[random.below(len(raw))] = random.below(256)
    length = len(raw) + ([-1, 1, 8, 1 << 20][random.below(4)] if random.below(20) == 0 else 0)
    data = SIZES[count] if random.below(8) > 0 else random.below(20)
    file = struct.pack("<Q", max(length, 0)) + bytes(raw) + bytes(data)
    return file[: random.below(len(file) + 1)] if random.below(25) == 0 else file


def is_read(file):
    try:
        safetensors.deserialize(file)
    except Exception:
        return False
    return True


random = Random(SEED)
digest = hashlib.sha256()
bits = bytearray(COUNT // 8)
for number in range(COUNT):
    file = mutated(random)
    digest.update(struct.pack("<I", len(file)) + file)
    bits[number // 8] |= is_read(file) << (number % 8)
read = sum(bin(byte).count("1") for byte in bits)
record = {"safetensors": safetensors.__version__, "seed": SEED, "count": COUNT, "read": read, "sha256": digest.hexdigest(), "verdicts": base64.b64encode(bits).decode()}
text = json.dumps(record) + "\n"
if "--check" in sys.argv:
    is_same = HERE.read_text() == text
    print(f"{read} of {COUNT} are read, {'as' if is_same else 'NOT as'} recorded")
    raise SystemExit(not is_same)
HERE.write_text(text)
print(f"{read} of {COUNT} are read")
