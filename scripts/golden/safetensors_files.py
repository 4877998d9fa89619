"""Writes what the Python libraries say about safetensors files and number types, for test/checkpoint to compare with.

Run: python scripts/golden/safetensors_files.py   (needs torch, numpy and safetensors; made with 2.13.0, 2.4.6 and 0.8.0)
Writes test/golden/safetensors/{written,mutations,converted}.json.
"""

import base64
import hashlib
import json
import random
import re
import struct
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch

HERE = Path(__file__).resolve().parents[2] / "test" / "golden" / "safetensors"
DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}


def tensor(dtype, shape, seed):
    count = int(np.prod(shape, dtype=int))
    width = torch.empty(0, dtype=DTYPES[dtype]).element_size()
    data = bytes((seed * 31 + i * 7) % (2 if dtype == "BOOL" else 120) for i in range(count * width))
    made = torch.frombuffer(bytearray(data), dtype=DTYPES[dtype]).reshape(shape) if data else torch.empty(shape, dtype=DTYPES[dtype])
    return {"dtype": dtype, "shape": list(shape), "data": data.hex()}, made


def written():
    """Files of the reference writer, and what was handed to it."""
    cases = {
        "types": ([(f"{dtype}.{name}", dtype, (3,)) for name in "ba" for dtype in DTYPES], None),
        "names": ([(name, "U8", (2,)) for name in ["b", "B", "", "é", "\ue000", "\U0001f600", "\ufffd", "a\0\n\x7f\u2028\"\\/", "a", "__proto__", "aa"]], {"format": "pt"}),
        "shapes": ([("scalar", "F32", ()), ("none", "F32", (0,)), ("hollow", "I64", (2, 0, 3)), ("deep", "U8", (1, 2, 1, 2, 1, 2, 1, 2)), ("odd", "U8", (5,)), ("half", "F16", (1,))], {"note": "\U0001f600 \"quoted\"\t\x01"}),
        "empty": ([], None),
    }
    for name, (tensors, metadata) in cases.items():
        pairs = [(key, *tensor(dtype, shape, seed)) for seed, (key, dtype, shape) in enumerate(tensors)]
        file = safetensors.torch.save({key: made for key, _, made in pairs}, metadata=metadata)
        yield {"name": name, "tensors": [[key, entry] for key, entry, _ in pairs], "metadata": metadata, "file": base64.b64encode(file).decode()}


def verdict(file):
    try:
        return sorted([name, info["dtype"], info["shape"]] for name, info in safetensors.deserialize(file))
    except Exception as error:
        return re.sub("for tensor `.*`", "for tensor", str(error)).removeprefix("Error while deserializing: ")[:80]


def mutated(rng):
    """A small good file with one to three faults in its header or its length."""
    entries = [
        ("__metadata__", '{"a":"\\u00e9","b":"c"}'), ("x", '{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}'),
        ("y", '{"shape":[],"data_offsets":[8,10],"dtype":"F16"}'), ("z", '{"dtype":"U8","shape":[0,3],"data_offsets":[10,10],"extra":[1.5e3,{"a":null}]}'),
    ]
    header = "{" + ", ".join(f'"{key}":{value}' for key, value in rng.sample(entries, rng.randint(1, 4))) + "}"
    pieces = ["0", "1", "8", "16", "-", ".5", "e1", "-1", '"', "\\", "\\n", "\\u12", "\\ud800", "\\udc00", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "\0",
              "\x7f", "null", "true", "NaN", "é", '"dtype"', '"U8"', '"F32"', '"shape"', "[2,1]", "[0,8]", '"a":1,', '"dtype":"F32",', "[[", "]]", '"y"', "0,", "9007199254740992", "18446744073709551616"]
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(header))
        cut = rng.choice([0, 0, 1, 1, 2, 5])
        header = header[:at] + rng.choice(pieces + [""] * 8) + header[at + cut :]
    raw = header.encode()
    if rng.random() < 0.1:
        at = rng.randrange(len(raw))
        raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]
    length = len(raw) + (rng.choice([-1, 1, 8]) if rng.random() < 0.05 else 0)
    return struct.pack("<Q", length) + raw + bytes(rng.choice([10, 10, 10, 10, 8, 2, 9, 11, 0]))


def mutations(count):
    """Half of them good, so that both verdicts are tried."""
    rng = random.Random(20261124)
    good, bad = [], []
    while len(good) < count // 2 or len(bad) < count // 2:
        file = mutated(rng)
        said = verdict(file)
        group = good if isinstance(said, list) else bad
        if len(group) < count // 2:
            group.append([base64.b64encode(file).decode(), said])
    return good + bad


def bits(values):
    return [int(word) for word in np.asarray(values, dtype=np.float32).view(np.uint32)]


def digest(values):
    """Of the bits, every NaN as 0x7fc00000."""
    words = np.where(np.isnan(values), np.uint32(0x7FC00000), values.view(np.uint32))
    return hashlib.sha256(words.astype("<u4").tobytes()).hexdigest()


def converted():
    halves = np.arange(65536, dtype=np.uint16)
    widened = torch.from_numpy(halves.view(np.int16)).view(torch.bfloat16).float().numpy()
    near = [2**24 + 1, 2**24 + 3, 2**53 + 1, 2**53 + 2**29, 2**53 + 2**29 + 1, 2**54 - 2**29 - 1, 2**60 + 2**36, 2**60 + 2**36 + 1, 2**60 + 3 * 2**36 - 1,
            2**62 + 2**38 - 1, 2**62 + 2**38, 2**62 + 2**38 + 1, 2**63 - 1, 2**63 - 2**38, 2**63 - 2**38 - 1]
    longs = [0, 1, *near, *[-value for value in near], -(2**63)]
    doubles = [0.0, -0.0, 1 / 3, 1e-45, 7.006492321624085e-46, 7.006492321624086e-46, 1.1754943508222875e-38, 3.4028235677973362e38, 3.4028235677973366e38, 1e300, -1e-300, np.inf, -np.inf]
    ints = [0, -1, 2**24 + 1, -(2**24) - 1, 2**24 + 3, 2**31 - 1, -(2**31), 2**31 - 64, 2**31 - 65]
    with np.errstate(over="ignore"):
        return {
            "F16": digest(halves.view(np.float16).astype(np.float32)),
            "BF16": digest(widened),
            "I64": [[str(value) for value in longs], bits(np.array(longs, dtype=np.int64).astype(np.float32))],
            "I32": [ints, bits(np.array(ints, dtype=np.int32).astype(np.float32))],
            "F64": [np.array(doubles).tobytes().hex(), bits(np.array(doubles).astype(np.float32))],
        }


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n"


(HERE / "written.json").write_text(lines(written()))
(HERE / "mutations.json").write_text(lines(mutations(800)))
(HERE / "converted.json").write_text(json.dumps(converted()) + "\n")
