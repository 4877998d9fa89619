"""What print(tensor) writes for tensors of many sizes and magnitudes.

Run: python scripts/golden/tensor_prints.py; writes test/golden/tensor/prints.json: {versions, cases: [{shape, dtype, data, text}]}.
"""

import json
from pathlib import Path

import torch

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "tensor" / "prints.json"
NAN, INF = float("nan"), float("inf")


def made():
    torch.manual_seed(0)
    yield from (torch.randn(shape) for shape in [(), (1,), (7,), (40,), (3, 4), (2, 3, 4), (2, 1, 2, 3), (1, 1, 1, 1, 2)])
    yield from (torch.randn(shape) for shape in [(1000,), (1001,), (7, 200), (6, 200), (20, 3, 30), (2, 2, 2, 200), (1, 1500)])
    yield from (torch.empty(shape) for shape in [(0,), (0, 3), (2, 0), (0, 2, 5)])
    yield from (torch.tensor(values) for values in [
        [1.0, 2.0, -3.0], [0.0], [-0.0, 0.0], [1e8, 1.0], [1e9, 1.0], [123456.0, 1.0], [999.0, 1.0], [1001.0, 1.0],
        [1e-5, 1e-5], [1e-4, 0.09], [0.5, 400.0], [0.5, 600.0], [NAN, 1.0], [INF, -INF, NAN], [INF, 1.5], [NAN, 1e-9, -1e10],
        [0.03125, 0.09375, -0.15625, 2.00625], [99999.5, 1.0, 0.25], [1.00005, 3.5], [1.5, -0.0], [16777216.0, 0.1],
        [1.17549435e-38, 3.4028235e38, 1.4e-45], [-0.00001, 0.5], [12345.6789, 98765.4321],
    ])
    yield torch.tensor([1.5 * 2.0 ** -k for k in range(30)])
    yield torch.tensor([(2 * k + 1) / 32 for k in range(64)])
    yield torch.tensor([[1.0, NAN], [INF, 4.0]])
    yield from (torch.tensor(values, dtype=torch.int32) for values in [
        5, [1, 2, 3], [[1, -20], [300, 4]], list(range(1200)), [2**31 - 1, -(2**31)], list(range(26)), list(range(100, 122)),
    ])
    yield torch.empty(0, dtype=torch.int32)
    yield torch.empty((0, 2), dtype=torch.int32)
    yield torch.arange(2000, dtype=torch.int32).reshape(4, 500)
    yield torch.linspace(-3, 3, 30 * 40).reshape(30, 40)


def case(value):
    data = [str(x) if x != x or x in (INF, -INF) else x for x in value.flatten().tolist()]
    signs = [i for i, x in enumerate(value.flatten().tolist()) if x == 0 and str(x).startswith("-")]
    return {"shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch."), "data": data, "negative_zeros": signs,
            "text": str(value)}


OUT.write_text(json.dumps({"versions": {"torch": torch.__version__.split("+")[0]}, "cases": [case(value) for value in made()]}))
