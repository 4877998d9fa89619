"""Cases for the tensor operations: torch's results on odd sizes, empty and one-element tensors, NaN and infinities.

Writes test/golden/tensor/ops.json: {versions, cases: [{op, inputs, options, outputs}]}; see scripts/golden.py.
"""

import json
import math
import warnings
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F

INF, NAN = math.inf, math.nan


def pack(tensor, number):
    """A tensor as the golden files have it: `number` writes a float, special values are strings."""
    flat = tensor.detach().contiguous().reshape(-1).tolist()

    def entry(value):
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, float):
            if math.isnan(value):
                return "nan"
            if math.isinf(value):
                return "inf" if value > 0 else "-inf"
            short = number(value)
            return int(short) if short.is_integer() and abs(short) < 1e9 and math.copysign(1, short) > 0 else short
        return value

    kind = "float32" if tensor.dtype.is_floating_point else "int32"
    return {"dtype": kind, "shape": list(tensor.shape), "data": [entry(v) for v in flat]}


def exact(value):
    """The shortest number that is the same float32."""
    return float(str(numpy.float32(value)))


def rounded(value):
    return float(f"{value:.7g}")


class Cases:
    def __init__(self, seed):
        self.rng = torch.Generator().manual_seed(seed)
        self.cases = []

    def normal(self, *shape):
        """Normal numbers of two decimals, which are short to write."""
        return (torch.randn(shape, generator=self.rng) * 100).round() / 100

    def whole(self, low, high, *shape):
        return torch.randint(low, high, shape, generator=self.rng, dtype=torch.int32)

    def add(self, op, inputs, outputs, **options):
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        case = {"op": op, "inputs": [pack(t, exact) for t in inputs], "options": options}
        self.cases.append({**case, "outputs": [pack(t, rounded) for t in outputs]})


SPECIAL = torch.tensor([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e-40, -1e-40, 1e30, -1e30, 88.0, -104.0, INF, -INF, NAN])
UNARY = {
    "neg": torch.neg,
    "abs": torch.abs,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "tanh": torch.tanh,
    "erf": torch.erf,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "gelu": lambda x: x * 0.5 * (1 + torch.erf(x / math.sqrt(2))),
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
}
ARITHMETIC = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "pow": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}
COMPARE = {name: getattr(torch, name) for name in ["eq", "ne", "lt", "le", "gt", "ge"]}
SIZES = [0, 1, 3, 17, 63, 64, 65]


def elementwise(c):
    for name, f in UNARY.items():
        for size in SIZES:
            x = c.normal(size) * 4
            if name in ("log", "sqrt", "rsqrt"):
                x = x.abs()
            c.add(name, [x], f(x.double()).float())
        c.add(name, [SPECIAL], f(SPECIAL))
    pairs = [
        ((17,), (17,)),
        ((3, 5), (5,)),
        ((3, 5), (3, 1)),
        ((3, 1), (1, 5)),
        ((2, 3, 5), (3, 1)),
        ((2, 1, 5), (3, 1)),
        ((4, 1, 3, 7), (1, 5, 1, 7)),
        ((), (3, 2)),
        ((1,), ()),
        ((0, 3), (3,)),
        ((0,), (1,)),
        ((2, 65), (65,)),
        ((65, 1), (65, 3)),
        ((1, 1, 64), (2, 3, 1)),
    ]
    for name, f in {**ARITHMETIC, **COMPARE}.items():
        for a, b in pairs:
            x, y = c.normal(*a), c.normal(*b)
            if name == "pow":
                x = x.abs()
            if name in COMPARE:
                x, y = x.round(), y.round()
            c.add(name, [x, y], f(x, y))
        grid = SPECIAL.repeat(len(SPECIAL), 1)
        c.add(name, [grid, SPECIAL[:, None]], f(grid, SPECIAL[:, None]))
    for name in ["add", "sub", "mul", "maximum", "minimum"]:
        x, y = c.whole(-9, 9, 3, 5), c.whole(-9, 9, 5)
        c.add(name, [x, y], ARITHMETIC[name](x, y))
    x, y = c.whole(-9, 9, 7), c.normal(7)
    c.add("add", [x, y], x + y)
    divisor = c.whole(1, 9, 7)
    c.add("div", [x, divisor], x / divisor)
    whole_numbers(c)


def whole_numbers(c):
    """int32 stays int32 where it does in torch, wraps around as there, and is compared with numbers that it cannot hold."""
    x = torch.tensor([-(2**31), -65537, -3, -1, 0, 1, 2, 65539, 2**31 - 1], dtype=torch.int32)
    for name in ["neg", "abs", "relu"]:
        c.add(name, [x], UNARY[name](x))
    for name in ["add", "sub", "mul", "maximum", "minimum"]:
        c.add(name, [x, x[:, None]], ARITHMETIC[name](x, x[:, None]))
    powers = torch.tensor([-3, -2, 0, 1, 2, 3, 31, 40], dtype=torch.int32)
    c.add("pow", [x, powers[:, None]], torch.pow(x, powers[:, None]))
    for name in ["add", "sub", "mul", "div"]:
        for value in [3, -2, 0.5]:
            c.add(name, [x], ARITHMETIC[name](x, value), value=value)
    for value in [0, 3, 0.5]:
        c.add("pow", [x], torch.pow(x, value), value=value)
    for name, f in COMPARE.items():
        for value in [1, 0.5, 2**40, -(2**31) - 1, 2**31]:
            c.add(name, [x], f(x if isinstance(value, float) else x.long(), value), value=value)
    x = c.normal(3, 5)
    for name, f in ARITHMETIC.items():
        value = {"pow": 2}.get(name, -1.5)
        c.add(name, [x], f(x, torch.tensor(float(value))), value=value)


def reductions(c):
    shapes = [((5,), 0), ((3, 17), 0), ((3, 17), 1), ((2, 65, 3), 1), ((4, 1, 3), 1), ((63, 2), -2), ((2, 3, 64), -1)]
    for shape, dim in shapes:
        x = c.normal(*shape)
        for name in ["sum", "mean"]:
            c.add(name, [x], getattr(torch, name)(x.double(), dim).float(), dim=dim)
        for name in ["max", "min"]:
            c.add(name, [x], getattr(torch, name)(x, dim).values, dim=dim)
        c.add("argmax", [x], x.argmax(dim), dim=dim)
        c.add("cumsum", [x], x.double().cumsum(dim).float(), dim=dim)
        for largest in [True, False]:
            k = min(3, x.shape[dim])
            ordered = list(torch.sort(x, dim=dim, descending=largest, stable=True))
            c.add("topk", [x], [part.narrow(dim, 0, k) for part in ordered], k=k, dim=dim, largest=largest)
            c.add("sort", [x], ordered, dim=dim, descending=largest)
    ties = torch.tensor([[2.0, 5, 5, 1], [NAN, 3, NAN, 3], [INF, -INF, INF, 0]])
    c.add("argmax", [ties], ties.argmax(1), dim=1)
    c.add("max", [ties], ties.max(1).values, dim=1)
    c.add("min", [ties], ties.min(1).values, dim=1)
    c.add("sort", [ties], list(torch.sort(ties, dim=1, stable=True)), dim=1, descending=False)
    c.add("argmin", [ties], ties.argmin(1), dim=1)
    empty = torch.zeros(3, 0)
    c.add("sum", [empty], empty.sum(1), dim=1)
    c.add("mean", [empty], empty.mean(1), dim=1)
    c.add("sort", [empty], list(empty.sort(1)), dim=1, descending=False)
    x = c.whole(-9, 9, 4, 5)
    c.add("sum", [x], x.sum(1, dtype=torch.int32), dim=1)
    for name in ["argmax", "argmin"]:
        c.add(name, [x], getattr(x, name)(1), dim=1)
    lowest = torch.tensor([5, -(2**31), 7], dtype=torch.int32)
    c.add("argmin", [lowest], lowest.argmin(0), dim=0)
    several_dims(c)


REDUCE = {
    "sum": torch.sum,
    "mean": torch.mean,
    "max": torch.amax,
    "min": torch.amin,
    "all": torch.all,
    "any": torch.any,
    "var": torch.var,
    "std": torch.std,
}


def several_dims(c):
    """Reductions of several dims, of all, and of a single number."""
    shapes = [
        ((2, 3, 5), [[0, 1], [1, 2], [0, 2], [2, 0], [-1, 0], [1], [0, 1, 2]]),
        ((3, 1, 4, 2), [[0, 2], [1, 3]]),
        ((3, 5), [[]]),
        ((), [[0], [-1], []]),
        ((0, 3), [[0], [0, 1]]),
    ]
    for name, f in REDUCE.items():
        for shape, choices in shapes:
            for dims in choices:
                if 0 in shape and name in ("max", "min"):
                    continue
                x = c.normal(*shape)
                if name in ("all", "any"):
                    x = (x > 1).float() if name == "any" else (x > -1).float()
                wide = x if x.numel() == 0 else x.double()
                for keep in [False, True]:
                    y = f(wide, dims, keepdim=keep) if dims else f(wide, tuple(range(x.dim())), keepdim=keep)
                    c.add(name, [x], y if name in ("all", "any") else y.float(), dim=dims, keepdim=keep)
    x = c.normal(3, 5)
    for correction in [0, 2.5, 9]:
        for name in ["var", "std"]:
            y = REDUCE[name](x.double(), 1, correction=correction).float()
            c.add(name, [x], y, dim=1, correction=correction)
    nan = torch.tensor([[0.0, NAN], [0.0, 0.0]])
    c.add("any", [nan], nan.any(1), dim=1)
    c.add("all", [nan], nan.all(1), dim=1)
    number = torch.tensor(-2.5)
    for name in ["argmax", "argmin", "cumsum", "softmax", "logSoftmax"]:
        f = getattr(torch, {"logSoftmax": "log_softmax"}.get(name, name))
        for dim in [0, -1]:
            c.add(name, [number], f(number, dim), dim=dim)
    c.add("sort", [number], list(number.sort()), dim=-1, descending=False)
    c.add("topk", [number], list(number.topk(1)), k=1, dim=0, largest=True)
    x = c.normal(2, 3)
    for name in ["argmax", "argmin"]:
        c.add(name, [x], getattr(x, name)(), dim=None)
        c.add(name, [x], getattr(x, name)(1, keepdim=True), dim=1, keepdim=True)


def rows(c):
    for shape, dim in [((1,), 0), ((3, 17), 1), ((3, 17), 0), ((2, 3, 65), -1), ((2, 64, 3), 1), ((5, 1), 1), ((0, 4), 1)]:
        x = c.normal(*shape) * 4
        c.add("softmax", [x], torch.softmax(x.double(), dim).float(), dim=dim)
        c.add("logSoftmax", [x], torch.log_softmax(x.double(), dim).float(), dim=dim)
    special = torch.tensor([[1.0, -INF, 2], [INF, 1, 2], [NAN, 1, 2], [-INF, -INF, -INF], [1e30, -1e30, 1e30]])
    c.add("softmax", [special], torch.softmax(special, 1), dim=1)
    c.add("logSoftmax", [special], torch.log_softmax(special, 1), dim=1)
    for shape in [(1, 1), (3, 17), (2, 3, 64), (2, 65), (1, 768), (0, 5)]:
        x, w, b = c.normal(*shape) * 2 + 1, c.normal(shape[-1]), c.normal(shape[-1])
        for eps in [1e-5, 1e-12]:
            if shape[-1] == 1 and eps < 1e-6:
                continue
            y = F.layer_norm(x.double(), shape[-1:], w.double(), b.double(), eps).float()
            c.add("layerNorm", [x, w, b], y, eps=eps)


def products(c):
    for a, b in [
        ((1, 1), (1, 1)),
        ((3, 5), (5, 7)),
        ((17, 65), (65, 3)),
        ((2, 3, 5), (2, 5, 4)),
        ((2, 3, 5), (5, 4)),
        ((4, 1, 3, 5), (2, 5, 7)),
        ((3, 0), (0, 2)),
        ((0, 3), (3, 2)),
        ((1, 64), (64, 63)),
        ((5,), (5,)),
        ((0,), (0,)),
        ((5,), (5, 7)),
        ((3, 5), (5,)),
        ((5,), (2, 5, 3)),
        ((4, 2, 5), (5,)),
        ((0, 3), (3,)),
        ((3,), (2, 1, 3, 4)),
    ]:
        x, y = c.normal(*a), c.normal(*b)
        c.add("matmul", [x, y], (x.double() @ y.double()).float())
    for shape, n in [((1, 1), 1), ((3, 5), 7), ((2, 3, 17), 65), ((1, 64), 64), ((65, 7), 9), ((0, 4), 3), ((4, 8), 8), ((6,), 5)]:
        x, w, b = c.normal(*shape), c.normal(n, shape[-1]), c.normal(n)
        c.add("linear", [x, w, b], F.linear(x.double(), w.double(), b.double()).float())
        c.add("linear", [x, w], F.linear(x.double(), w.double()).float())
        c.add("conv1d", [x, w.T.contiguous(), b], F.linear(x.double(), w.double(), b.double()).float())
    for B, H, T, S, D, causal in [
        (1, 1, 1, 1, 1, False),
        (2, 3, 5, 5, 8, False),
        (1, 1, 9, 9, 64, True),
        (2, 2, 1, 33, 16, True),
        (1, 2, 3, 7, 5, True),
        (2, 1, 65, 65, 3, True),
        (2, 1, 7, 3, 5, False),
    ]:
        q, k, v = c.normal(B, H, T, D), c.normal(B, H, S, D), c.normal(B, H, S, D)
        hidden = torch.ones(T, S, dtype=torch.bool).triu(S - T + 1) if causal else torch.zeros(T, S, dtype=torch.bool)
        scores = (q.double() @ k.double().transpose(-1, -2) / math.sqrt(D)).masked_fill(hidden, -INF)
        c.add("attend", [q, k, v], (scores.softmax(-1) @ v.double()).float(), causal=causal)
        mask = torch.where(c.normal(B, 1, 1, S) > 1, torch.finfo(torch.float32).min, 0.0)
        scores = (q.double() @ k.double().transpose(-1, -2) / math.sqrt(D)) + mask
        c.add("attend", [q, k, v, mask], (scores.softmax(-1) @ v.double()).float(), causal=False)
    for rows in [1, 3]:
        q, k, v, mask = c.normal(2, 2, 3, 4), c.normal(2, 2, 5, 4), c.normal(2, 2, 5, 4), c.normal(1, 1, rows, 5)
        c.add("attend", [q, k, v, mask], F.scaled_dot_product_attention(q, k, v, mask), causal=False)


def layout(c):
    for shape, order in [((3, 5), [1, 0]), ((2, 3, 4, 5), [0, 2, 1, 3]), ((2, 3, 4), [2, 0, 1]), ((1, 3, 1, 4), [0, 2, 1, 3]), ((0, 3), [1, 0])]:
        x = c.normal(*shape)
        c.add("permute", [x], x.permute(order), order=order)
        x = c.whole(0, 99, *shape)
        c.add("permute", [x], x.permute(order), order=order)
    for shape, dim, start, end in [((7,), 0, 2, 5), ((3, 7), 1, -4, -1), ((3, 7, 2), 1, 0, 3), ((3, 7, 2), 0, 1, 9), ((5,), 0, 4, 2)]:
        x = c.normal(*shape)
        index = [slice(None)] * len(shape)
        index[dim] = slice(start, end)
        c.add("slice", [x], x[tuple(index)], dim=dim, start=start, end=end)
    for shapes, dim in [([(2, 3), (4, 3)], 0), ([(2, 3), (2, 1), (2, 5)], 1), ([(2, 0, 3), (2, 2, 3)], 1)]:
        parts = [c.normal(*s) for s in shapes]
        c.add("concat", parts, torch.cat(parts, dim), dim=dim)
    parts = [c.normal(2, 3) for _ in range(3)]
    for dim in [0, 1, 2]:
        c.add("stack", parts, torch.stack(parts, dim), dim=dim)
    for parts in [[torch.zeros(0), c.normal(2, 3)], [c.normal(0), c.normal(2)], [c.whole(0, 9, 1, 2), c.normal(2, 2)]]:
        c.add("concat", parts, torch.cat(parts, 0), dim=0)
    numbers = [torch.tensor(1.5), torch.tensor(-2.0)]
    c.add("stack", numbers, torch.stack(numbers), dim=0)
    pair = [c.whole(0, 9, 2), c.whole(0, 9, 2)]
    c.add("stack", pair, torch.stack(pair, -1), dim=-1)
    x = c.normal(3, 7)
    for sizes, dim in [(3, 1), (2, 0), (7, -1), ([1, 4, 2], 1), ([3, 0], 0)]:
        c.add("split", [x], list(x.split(sizes, dim)), sizes=sizes, dim=dim)
    c.add("split", [torch.zeros(0)], list(torch.zeros(0).split(3)), sizes=3, dim=0)
    x = c.normal(1, 3, 1)
    for dims in [None, 0, 1, -1, [0, 2], [0, 1]]:
        c.add("squeeze", [x], x.squeeze() if dims is None else x.squeeze(dims), dim=dims)
    c.add("squeeze", [torch.tensor(2.0)], torch.tensor(2.0), dim=0)
    for dim in [0, 1, -1, -4]:
        c.add("unsqueeze", [x], x.unsqueeze(dim), dim=dim)
    x = c.normal(2, 3, 4)
    for shape in [[-1], [4, -1], [3, -1, 2], [24, 1]]:
        c.add("reshape", [x], x.reshape(shape), shape=shape)
    c.add("reshape", [torch.zeros(0)], torch.zeros(0).reshape(-1, 3), shape=[-1, 3])
    for dims in [(0, 2), (-1, -2), (1, 1)]:
        c.add("transpose", [x], x.transpose(*dims), dims=dims)
    for dim, place in [(0, 1), (-1, -1), (1, -3)]:
        c.add("select", [x], x.select(dim, place), dim=dim, place=place)
    for dims in [0, -1, [0, 2], [2, 0, 1]]:
        c.add("flip", [x], x.flip(dims), dim=dims)
    ids = c.whole(0, 9, 5)
    c.add("flip", [ids], ids.flip(0), dim=0)
    c.add("flip", [torch.tensor(3.0)], torch.tensor(3.0), dim=0)
    x = c.normal(2, 3, 12)
    c.add("heads", [x], x.reshape(2, 3, 4, 3).transpose(1, 2), heads=4)
    c.add("merge", [x.reshape(2, 3, 4, 3)], x.reshape(2, 3, 4, 3).transpose(1, 2).reshape(2, 4, 9))
    table, ids = c.normal(9, 5), c.whole(0, 9, 2, 3)
    c.add("embedding", [table, ids], F.embedding(ids, table))
    x, index = c.normal(3, 4, 2), c.whole(0, 4, 3, 5, 2)
    c.add("gather", [x, index], x.gather(1, index.long()), dim=1)
    for shape, dim in [((3, 1, 2), 1), ((1, 4, 1), 1), ((2, 4, 2), 0), ((0, 3, 2), 1), ((3, 4, 1), -1)]:
        index = c.whole(0, 2, *shape)
        c.add("gather", [x, index], x.gather(dim, index.long()), dim=dim)
    c.add("gather", [torch.tensor(3.0), torch.tensor(0)], torch.tensor(3.0), dim=0)
    a, b, condition = c.normal(3, 5), c.normal(5), c.whole(0, 2, 3, 1)
    c.add("where", [a, b, condition], torch.where(condition.bool(), a, b))
    nan = torch.tensor([NAN, 0.0, 1.0, -0.0, 2.0])
    c.add("where", [a, b, nan], torch.where(nan.bool(), a, b))
    c.add("maskedFill", [a, condition], a.masked_fill(condition.bool(), -7.5), value=-7.5)
    for low, high in [(-0.5, 0.5), (None, 0.25), (0.25, None), (1, -1), (NAN, None)]:
        y = a.clamp(low, high)
        c.add("clamp", [a], y, **{k: "nan" if v != v else v for k, v in [("min", low), ("max", high)] if v is not None})
    c.add("clamp", [condition], condition.clamp(1, 2), min=1, max=2)
    c.add("clamp", [torch.tensor([NAN, 9.0])], torch.tensor([NAN, 9.0]).clamp(0, 1), min=0, max=1)
    for shape, wanted in [
        ((3, 1, 2), [3, 4, 2]),
        ((3, 1, 2), [-1, 2, -1]),
        ((3, 1), [2, -1, 4]),
        ((), [2, 3]),
        ((1, 3), [0, -1]),
    ]:
        x = c.normal(*shape)
        c.add("expand", [x], x.expand(wanted), shape=wanted)
    for start, end, step in [(0, 5, 1), (5, 0, -2), (2, 2, 1), (0, 1, 0.25), (1, 2, 0.3), (-1.5, 3, 1)]:
        c.add("arange", [], torch.arange(start, end, step), start=start, end=end, step=step)
    for name in ["rand", "randn"]:
        for shape in [[], [5], [3, 7], [2, 0]]:
            generator = torch.Generator().manual_seed(7)
            c.add(name, [], getattr(torch, name)(shape, generator=generator), shape=shape, seed=7)
    x = c.normal(9) * 5
    c.add("toInt", [x], x.to(torch.int32))


def make(out: Path):
    warnings.filterwarnings("ignore", message=".*degrees of freedom.*")
    cases = Cases(20261124)
    for group in [elementwise, reductions, rows, products, layout]:
        group(cases)
    path = out / "tensor" / "ops.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    versions = {"torch": torch.__version__, "numpy": numpy.__version__}
    text = json.dumps({"versions": versions, "cases": cases.cases}, separators=(",", ":"))
    path.write_text(text.replace(',{"op"', ',\n{"op"') + "\n")
    print(f"{len(cases.cases)} cases, {path.stat().st_size} bytes: {path}")


if __name__ == "__main__":
    make(Path(__file__).resolve().parents[2] / "test" / "golden")
