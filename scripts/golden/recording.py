"""How values stand in a golden file: tensors and numbers as JSON, read back, and two files compared."""

import json
import math
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

VERSIONS = "versions"


def versions(*packages):
    """The versions of the packages that made a file; a package that is not installed is left out."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
        if name == "torch":
            found[name] = torch.__version__
    return found


def number(value):
    """A float with 7 significant digits (float32 needs no more); "inf", "-inf" and "nan" as strings."""
    if isinstance(value, (bool, int)):
        return value
    if not math.isfinite(value):
        return str(float(value))
    short = float(f"{value:.7g}")
    return int(short) if short.is_integer() and abs(short) < 2**53 else short


def tensor(value):
    """{dtype, shape, data}, row-major."""
    return {
        "dtype": str(value.dtype).removeprefix("torch."),
        "shape": list(value.shape),
        "data": [number(x) for x in value.detach().flatten().tolist()],
    }


def record(value):
    """Any nesting of tensors, numbers, strings, lists and dictionaries, ready for JSON."""
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, dict):
        return {str(key): record(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [record(entry) for entry in value]
    if hasattr(value, "item"):
        value = value.item()
    return number(value) if isinstance(value, float) else value


def is_tensor(value):
    return isinstance(value, dict) and set(value) == {"dtype", "shape", "data"}


def restore(value):
    """The torch tensor that `tensor` recorded; None stays None."""
    if value is None:
        return None
    return torch.tensor([float(x) if isinstance(x, str) else x for x in value["data"]],
                        dtype=getattr(torch, value["dtype"])).reshape(value["shape"])


def failure(error):
    """What a case records in place of its outputs when Hugging Face raised; long messages are cut."""
    return f"{type(error).__name__}: {error}"[:MESSAGE]


MESSAGE = 311  # characters of an error message that are kept


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def as_number(value):
    """The float a JSON value stands for, or None where it is no number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return float(value) if value in ("inf", "-inf", "nan") else None


def differences(old, new, where=""):
    """Yields (place, difference): a text for what is not the same, and for two numbers a - b, divided by a above 1."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(set(old) | set(new)):
            if not where and key == VERSIONS:
                continue
            if key not in old or key not in new:
                yield f"{where}.{key}", "only in the " + ("old" if key in old else "new") + " file"
            else:
                yield from differences(old[key], new[key], f"{where}.{key}")
        return
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield where, f"length {len(old)} became {len(new)}"
        for index, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, f"{where}[{index}]")
        return
    a, b = as_number(old), as_number(new)
    if a is None or b is None:
        if old != new:
            yield where, f"{old!r:.80} became {new!r:.80}"
    elif a != b and not (math.isnan(a) and math.isnan(b)):
        yield where, abs(a - b) / max(1.0, abs(a))
