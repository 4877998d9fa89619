"""Writes small files as torch.save makes them, and the tensors that are in them, for test/checkpoint to compare with.

Run: python scripts/golden/pytorch_files.py   (made with torch 2.13.0)
Writes test/golden/pytorch/*.bin and expected.json: the tensors of each, or what is wrong with it.
"""

import collections
import io
import json
import tarfile
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parents[2] / "test" / "golden" / "pytorch"
DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}
NAMES = {value: key for key, value in DTYPES.items()}


def ramp(*shape, dtype=torch.float32):
    return torch.arange(int(torch.tensor(shape).prod()), dtype=torch.float32).reshape(shape).to(dtype)


def views():
    base = ramp(3, 4)
    return {
        "base": base, "transposed": base.t(), "column": base[:, 1], "corner": base[1:, 2:], "every_other": base[:, ::2],
        "row": base[2], "number": base[1, 3], "permuted": ramp(2, 3, 4).permute(2, 0, 1), "one": ramp(1, 5)[:, ::2], "empty": base[:0],
    }


def tied():
    module = torch.nn.Module()
    module.a, module.b = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    module.b.weight = module.a.weight
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            parameter.copy_(ramp(*parameter.shape) + number)
    return module.state_dict()


def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


def from_cuda(value):
    tag = torch.serialization.location_tag
    torch.serialization.location_tag = lambda storage: "cuda:0"
    try:
        return saved(value)
    finally:
        torch.serialization.location_tag = tag


def script():
    out = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), out)
    return out.getvalue()


def tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("storages"))
    return out.getvalue()[:1024]


def many():
    return collections.OrderedDict((f"layer.{number}.weight", torch.full((1,), float(number))) for number in range(300))


types = {name: ramp(2, 3).to(dtype) for name, dtype in DTYPES.items()}
parameter = {"w": torch.nn.Parameter(ramp(2, 2)), "frozen": torch.nn.Parameter(ramp(3), requires_grad=False)}
good = {
    "types": (types, saved(types)), "views": (views(), saved(views())), "tied": (tied(), saved(tied())), "parameters": (parameter, saved(parameter)),
    "cuda": ({"w": ramp(4)}, from_cuda({"w": ramp(4)})), "others": ({"w": ramp(2)}, saved({"w": ramp(2), "epoch": 3, "name": "x", "list": [1.5, None, True, -5]})),
    "many": (many(), saved(many())), "nothing": ({}, saved({})),
}
bad = {
    "legacy": ("LEGACY_FORMAT", saved({"w": ramp(2)}, _use_new_zipfile_serialization=False)), "tar": ("LEGACY_FORMAT", tar()),
    "protocol4": ("FORBIDDEN_OPCODE", saved({"w": ramp(2)}, pickle_protocol=4)), "nested": ("NOT_STATE_DICT", saved({"model": {"w": ramp(2)}, "epoch": 1})),
    "whole_module": ("FORBIDDEN_GLOBAL", saved(torch.nn.Linear(2, 1))), "tensor": ("NOT_STATE_DICT", saved(ramp(2))), "script": ("COMPRESSED", script()),
    "expanded": ("TOO_LARGE", saved({"w": ramp(1).expand(1000)})), "sparse": ("FORBIDDEN_GLOBAL", saved({"w": torch.eye(2).to_sparse()})),
    "numbered": ("NOT_STATE_DICT", saved({1: ramp(2)})), "complex": ("FORBIDDEN_GLOBAL", saved({"w": torch.zeros(2, dtype=torch.complex64)})),
}
HERE.mkdir(exist_ok=True)
expected = {}
for name, (tensors, file) in good.items():
    (HERE / f"{name}.bin").write_bytes(file)
    expected[name] = {
        key: {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "bytes": tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes().hex()}
        for key, tensor in tensors.items()
    }
for name, (code, file) in bad.items():
    (HERE / f"{name}.bin").write_bytes(file)
    expected[name] = code
lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in expected.items())
(HERE / "expected.json").write_text(f"{{\n{lines}\n}}\n")
