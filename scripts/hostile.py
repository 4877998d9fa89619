"""Makes test/hostile/safetensors: broken and hostile files, and oracle.json with what the reference says of each.

Run: python scripts/hostile.py   (needs numpy and safetensors; made with safetensors 0.8.0)
The verdicts that Vitrine wants are in test/checkpoint/safetensorsHostile.test.ts.
"""

import json
import re
import struct
from pathlib import Path

import safetensors

FOLDER = Path(__file__).parent.parent / "test" / "hostile" / "safetensors"
DATA = bytes(range(16))
INFO = '{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}'
GOOD = '{"a":' + INFO + "}"


def file(header, data=DATA, length=None):
    raw = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def tensor(dtype="F32", shape="[2,2]", offsets="[0,16]", data=DATA):
    return file(f'{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}', data)


def info(shape="[2,2]", offsets="[0,16]", dtype="F32"):
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}'


def pair(first, second, data=DATA, names="ab"):
    return file(f'{{"{names[0]}":{first},"{names[1]}":{second}}}', data)


def named(name):
    return file('{"' + name + '":' + INFO + "}")


def metadata(value):
    return file('{"__metadata__":' + value + ',"a":' + INFO + "}")


NOTHING = b""
CASES = [
    ("valid one tensor", file(GOOD)),
    ("empty file", NOTHING),
    ("7 bytes only", b"\x10" + bytes(6)),
    ("header length 0", file("", NOTHING)),
    ("header longer than file", file(GOOD, length=1000)),
    ("header length 2^64-1", file(GOOD, length=2**64 - 1)),
    ("header length 100_000_001 (file short)", file(GOOD, length=100_000_001)),
    ("header length 2^53+1", file(GOOD, length=2**53 + 1)),
    ("header not UTF-8", file(b"\xff\xfe{}", NOTHING)),
    ("UTF-8 BOM before {", file(b"\xef\xbb\xbf{}", NOTHING)),
    ("header not JSON", file("{", NOTHING)),
    ("header is array", file("[]", NOTHING)),
    ("header is null", file("null", NOTHING)),
    ("empty header {} no data", file("{}", NOTHING)),
    ("{} but trailing data", file("{}", b"xx")),
    ("leading spaces", file("   {}", NOTHING)),
    ("trailing spaces", file("{}   ", NOTHING)),
    ("trailing NULs in header", file("{}\0\0\0", NOTHING)),
    ("trailing garbage after JSON", file("{}x", NOTHING)),
    ("trailing bytes after tensors (polyglot)", file(GOOD, DATA + b"PK\x03\x04")),
    ("data truncated by 2", file(GOOD, DATA[:-2])),
    ("overlap: two tensors same bytes", pair(INFO, INFO)),
    ("partial overlap", pair(INFO, info(offsets="[8,24]"), bytes(24))),
    ("hole between", pair(INFO, info(offsets="[20,36]"), bytes(36))),
    ("hole at start", tensor(offsets="[4,20]", data=bytes(20))),
    ("begin > end", tensor(offsets="[16,0]")),
    ("negative offset", tensor(offsets="[-16,0]")),
    ("offset float 16.0", tensor(offsets="[0,16.0]")),
    ("offset 1e1", tensor("U8", "[10]", "[0,1e1]", DATA[:10])),
    ("offset as string", tensor(offsets='["0","16"]')),
    ("offset > 2^64", tensor(offsets="[0,18446744073709551632]")),
    ("three offsets", tensor(offsets="[0,16,16]")),
    ("one offset", tensor(offsets="[0]")),
    ("bytes != shape*dtype", tensor(shape="[2,3]")),
    ("shape overflow u64", tensor(shape="[2,18446744073709551614]")),
    ("shape product wraps to small (2^32*2^32)", tensor(shape="[4294967296,4294967296]", offsets="[0,0]", data=NOTHING)),
    ("shape negative", tensor(shape="[-2,-2]")),
    ("shape float", tensor(shape="[2.0,2]")),
    ("shape null", tensor(shape="null")),
    ("shape nested", tensor(shape="[[2],2]")),
    ("scalar shape []", tensor(shape="[]", offsets="[0,4]", data=DATA[:4])),
    ("zero dim [2,0]", tensor(shape="[2,0]", offsets="[0,0]", data=NOTHING)),
    ("huge*0: [2^63,2^63,0]", tensor(shape="[9223372036854775808,9223372036854775808,0]", offsets="[0,0]", data=NOTHING)),
    ("[0,2^63,2^63]", tensor(shape="[0,9223372036854775808,9223372036854775808]", offsets="[0,0]", data=NOTHING)),
    ("unknown dtype", tensor("F128")),
    ("lower-case dtype f32", tensor("f32")),
    ("dtype missing", file('{"a":{"shape":[2,2],"data_offsets":[0,16]}}')),
    ("shape missing", file('{"a":{"dtype":"F32","data_offsets":[0,16]}}')),
    ("extra unknown field in tensor", file('{"a":' + INFO[:-1] + ',"foo":1}}')),
    ("duplicate field dtype in tensor", file('{"a":{"dtype":"F32",' + INFO[1:] + "}")),
    ("duplicate tensor key, same info", pair(INFO, INFO, names="aa")),
    ("duplicate tensor key, different halves", pair(info("[2]", "[0,8]"), info("[2]", "[8,16]"), names="aa")),
    ("__metadata__ strings", metadata('{"format":"pt"}')),
    ("__metadata__ number value", metadata('{"x":1}')),
    ("__metadata__ nested object", metadata('{"x":{}}')),
    ("__metadata__ null", metadata("null")),
    ("__metadata__ array", metadata("[]")),
    ("duplicate __metadata__", file('{"__metadata__":{"a":"1"},"__metadata__":{"b":"2"}}', NOTHING)),
    ("tensor named __proto__", named("__proto__")),
    ("tensor named constructor", named("constructor")),
    ('tensor named "" (empty)', named("")),
    ("NUL and newline in name", named("a\\u0000\\nb")),
    ("lone surrogate escape in name", named("\\ud800")),
    ("tensor value not object", file('{"a":5}', NOTHING)),
    ("tensor as array form", file('{"a":["F32",[2,2],[0,16]]}')),
    ("offsets not in key order (b first)", pair(info("[2]", "[8,16]"), info("[2]", "[0,8]"), names="ba")),
    ("unaligned F32 at odd offset", pair(info("[1]", "[0,1]", "U8"), info("[1]", "[1,5]"), bytes(5), "xy")),
    ("header length not multiple of 8", file('{"a":' + info("[1]", "[0,1]", "U8") + "} ", b"x")),
    ("F4 odd count", tensor("F4", "[3]", "[0,1]", b"x")),
    ("F4 even count", tensor("F4", "[4]", "[0,2]", b"xx")),
    ("BF16", tensor("BF16", "[8]")),
    ("F64", tensor("F64", "[2]")),
    ("BOOL with bytes not 0/1", tensor("BOOL", "[16]")),
    ("depth 200 nested JSON in extra field", file('{"a":' + INFO[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}}")),
    ("rank 10000 shape of ones", tensor(shape="[" + ",".join(["1"] * 10_000) + "]", offsets="[0,4]", data=DATA[:4])),
    ("NaN literal in header", tensor(shape="[2,NaN]")),
    ("comment in JSON", file("{/*x*/}", NOTHING)),
    ("single quotes", file("{'a':1}", NOTHING)),
    ("git-lfs pointer text", b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 123\n"),
    ("HTML page", b"<!DOCTYPE html><html><body>404</body></html>"),
    ("zip (pytorch_model.bin renamed)", b"PK\x03\x04" + bytes(60)),
    ("NaN/Inf values in data", file(GOOD, struct.pack("<4I", 0x7FC00000, 0x7F800000, 0xFF800000, 0xFFC00000))),
    ("-0 offset", tensor(offsets="[-0,16]")),
    ("leading zero 016", tensor(offsets="[0,016]")),
    ("shape 2^53+1 with zero", tensor(shape="[9007199254740993,0]", offsets="[0,0]", data=NOTHING)),
]


def verdict(content):
    """What the reference reads, sorted by name, or its error."""
    try:
        read = safetensors.deserialize(content)
    except Exception as error:
        # Which of two tensors it names is left to chance.
        return re.sub("for tensor `.*`", "for tensor", str(error)).removeprefix("Error while deserializing: ")
    shapes = ((name, tensor["dtype"], tensor["shape"]) for name, tensor in read)
    return sorted([name, dtype, shape if len(shape) <= 8 else f"{len(shape)} dims"] for name, dtype, shape in shapes)


oracle = []
for number, (name, content) in enumerate(CASES):
    (FOLDER / f"{number:02d}.safetensors").write_bytes(content)
    oracle.append(json.dumps({"name": f"{number:02d} {name}", "rust": verdict(content)}))
(FOLDER / "oracle.json").write_text("[\n" + ",\n".join(oracle) + "\n]\n")
