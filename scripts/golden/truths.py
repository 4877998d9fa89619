"""math/*.json: what functions give for float32 numbers, correctly rounded to float64, and every activation of HF.

Every x is a float32 number with all the digits of its float64, so that it is the same number in both; "inf", "-inf"
and "nan" stand as strings.
"""

import math

import mpmath
import numpy as np
import torch
from mpmath import mp, mpf

from . import recording
from .points import points

mp.dps = 60
WIDTHS = (1, 3, 17, 64, 65, 768)
# As transformers writes them: the decimal is exact, the root is not rounded.
CUBIC = mpf("0.044715")


def gelu(x):
    """x times the normal distribution function; erfc keeps the tail exact."""
    return x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def gelu_new(x):
    # 1 + tanh(u) = 2 / (1 + exp(-2 u)) without cancellation.
    inner = mpmath.sqrt(2 / mpmath.pi) * (x + CUBIC * x**3)
    return x / (1 + mpmath.exp(-2 * inner))


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


# name: (the exact function, the same in torch for zeros, infinities, nan and where it is not defined)
FUNCTIONS = {
    "exp": (mpmath.exp, torch.exp),
    "log": (mpmath.log, torch.log),
    "tanh": (mpmath.tanh, torch.tanh),
    "erf": (mpmath.erf, torch.erf),
    "sigmoid": (sigmoid, torch.sigmoid),
    "gelu": (gelu, torch.nn.functional.gelu),
    "gelu_new": (gelu_new, lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), torch.rsqrt),
}


def exact(x):
    """A float64 as JSON keeps it: all its digits, and strings for what JSON has no number for."""
    return x if math.isfinite(x) else str(x)


def truth(name, x):
    """The value at one float32 number, rounded once."""
    function, in_torch = FUNCTIONS[name]
    if x == 0 or not math.isfinite(x) or (name in ("log", "rsqrt") and x < 0):
        return in_torch(torch.tensor(x, dtype=torch.float64)).item()
    return rounded(function(mpf(x)))


def rounded(value):
    """To the nearest float64; what is too large is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def elementwise(name):
    xs = points(name).astype(float).tolist()
    return {"x": list(map(exact, xs)), "y": [exact(truth(name, x)) for x in xs]}


def softmax(row):
    """exp(x - max) / sum, exactly; -inf gives 0, a row of nothing but -inf nan."""
    top = max(row)
    if top == -math.inf:
        return [math.nan] * len(row)
    powers = [mpf(0) if x == -math.inf else mpmath.exp(mpf(x) - mpf(top)) for x in row]
    total = mpmath.fsum(powers)
    return [rounded(power / total) for power in powers]


def layer_norm(row, weight, bias, eps):
    """(x - mean) / sqrt(variance + eps) * weight + bias, exactly; the variance divides by the width."""
    row = [mpf(x) for x in row]
    mean = mpmath.fsum(row) / len(row)
    variance = mpmath.fsum([(x - mean) ** 2 for x in row]) / len(row)
    scale = 1 / mpmath.sqrt(variance + mpf(eps))
    return [rounded((x - mean) * scale * mpf(w) + mpf(b)) for x, w, b in zip(row, weight, bias)]


def floats(values):
    """The values as float32, as Python floats."""
    return np.asarray(values, dtype=np.float32).astype(float).tolist()


def softmax_rows(width, rng):
    """{what is special: row}."""
    normal = rng.standard_normal(width)
    masked = np.where(rng.random(width) < 0.4, -np.inf, normal)
    masked[0] = normal[0]
    return {
        "normal": normal, "wide": 30 * normal, "far from 0": 5000 + normal, "all equal": np.full(width, -3.25),
        "masked with -inf": masked, "masked with the smallest float32": np.maximum(masked, np.finfo(np.float32).min),
        "nothing but -inf": np.full(width, -np.inf), "falling to subnormals": np.linspace(0, -104, width),
    }


def softmax_cases():
    for width in WIDTHS:
        for name, row in softmax_rows(width, np.random.default_rng(width)).items():
            x = floats(row)
            yield {"name": name, "width": width, "x": list(map(exact, x)), "y": list(map(exact, softmax(x)))}


def layer_norm_cases():
    """One case a width: its weight and bias, and rows with the eps of BERT and that of GPT-2."""
    for width in WIDTHS:
        rng = np.random.default_rng(1000 + width)
        weight, bias = floats(1 + 0.3 * rng.standard_normal(width)), floats(0.2 * rng.standard_normal(width))
        normal = rng.standard_normal(width)
        rows = {"normal": normal, "far from 0": 300 + normal, "tiny": 1e-7 * normal, "large": 1e5 * normal,
                "constant": np.full(width, 0.7), "one outlier": np.where(np.arange(width) == width // 2, 1e3, normal)}
        yield {"width": width, "weight": list(map(exact, weight)), "bias": list(map(exact, bias)), "rows": [
            {"name": name, "eps": eps, "x": list(map(exact, floats(row))),
             "y": list(map(exact, layer_norm(floats(row), weight, bias, eps)))}
            for eps in (1e-12, 1e-5) for name, row in rows.items()]}


def activation_points():
    tiny = [s * x for x in (1e-30, 1e-8, 1e-4, 1e-2) for s in (1, -1)]
    far = [s * x for x in (7, 8.5, 10, 13, 20, 100) for s in (1, -1)]
    return sorted({0.0, *tiny, *np.linspace(-6, 6, 41).tolist(), *far})


def activation_values(name, xs, dtype):
    """The values of one entry of ACT2FN, made anew: some have parameters of their own."""
    from transformers.activations import ACT2FN
    module = ACT2FN[name]
    with torch.no_grad():
        return module.to(dtype)(torch.tensor(xs, dtype=dtype)).tolist()


def activations():
    from transformers.activations import ACT2FN
    xs = floats(activation_points())
    found = {}
    for name in ACT2FN:
        try:
            found[name] = {
                "float64": list(map(exact, activation_values(name, xs, torch.float64))),
                "float32": list(map(exact, activation_values(name, xs, torch.float32))),
            }
        except Exception as error:
            found[name] = {"error": recording.failure(error)}
    return {"x": list(map(exact, xs)), "functions": found}


def make(golden):
    made = recording.versions("torch", "transformers", "numpy", "mpmath")
    for name in FUNCTIONS:
        yield f"math/{name}.json", {recording.VERSIONS: made, **elementwise(name)}
    yield "math/softmax.json", {recording.VERSIONS: made, "cases": list(softmax_cases())}
    yield "math/layernorm.json", {recording.VERSIONS: made, "cases": list(layer_norm_cases())}
    yield "math/activations.json", {recording.VERSIONS: made, **activations()}
