"""Where a function of one number is tested: float32 values, many of them where an implementation changes its way."""

import numpy as np

SMALLEST, TINY, HUGE = np.float32(1.401298464324817e-45), np.finfo(np.float32).tiny, np.finfo(np.float32).max
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan]
COUNT = 2000
LN2 = float(np.log(2))

# What the points of each function crowd around, and the range in which most of the random ones lie.
PLACES = {
    "exp": ([88.72284, -87.33655, -103.97208, 1, -1, *(k * LN2 / 2 for k in range(-9, 10))], (-104.0, 89.0)),
    "log": ([1, 2**-0.5, 2**0.5, 0.5, 2, 10, 1e-3, TINY, HUGE, *(2.0**k for k in range(-148, 128, 23))], (0.0, 40.0)),
    "tanh": ([0.25, 0.55, 0.6, 0.625, 1, 2, 4, 7.9, 8.66, 9.01, 20], (-10.0, 10.0)),
    "erf": ([0.25, 0.5, 0.84375, 1, 1.25, 2, 2.857, 3.5, 3.8325, 3.92, 4, 6], (-4.5, 4.5)),
    "sigmoid": ([0.5, 1, 4, 8.66, 16.6, 17.33, 87.34, 88.72, 103.97], (-30.0, 30.0)),
    "gelu": ([0.25, 0.5, 0.7517916, 1, 1.41421, 2, 3, 4, 5.5, 8, 12.9, 13.2, 14.2], (-8.0, 8.0)),
    "gelu_new": ([0.25, 0.5, 0.7524614, 1, 2, 3, 4, 5, 5.4, 8, 10, 20], (-8.0, 8.0)),
    "rsqrt": ([1, 2, 4, 3, 0.25, 0.5, 100, TINY, HUGE, *(4.0**k for k in range(-60, 60, 13))], (0.0, 40.0)),
}
POSITIVE = {"log", "rsqrt"}


def neighbours(value, steps=4):
    """`value` and the float32 numbers up to `steps` places beside it."""
    found, low, high = [np.float32(value)], np.float32(value), np.float32(value)
    for _ in range(steps):
        low, high = np.nextafter(low, np.float32(-np.inf)), np.nextafter(high, np.float32(np.inf))
        found += [low, high]
    return found


def both_signs(values):
    return [sign * np.float32(x) for x in values for sign in (1, -1)]


@np.errstate(over="ignore", invalid="ignore")
def points(name, seed=0):
    """About COUNT different float32 numbers in order, specials last; the same ones every time."""
    rng = np.random.default_rng([seed, *name.encode()])
    places, (low, high) = PLACES[name]
    crowded = [y for place in places for y in neighbours(place)]
    if name not in POSITIVE:
        crowded += [-x for x in crowded]
    small = both_signs([SMALLEST, 2 * SMALLEST, 3e-45, 1e-42, 1e-40, TINY, np.nextafter(TINY, np.float32(0))])
    small += both_signs(np.logspace(-37, -2, 120))
    dense = np.concatenate([np.linspace(-1, 1, 161), np.linspace(low, high, 241)])
    large = both_signs([*np.logspace(1.5, 38, 40), HUGE])
    bits = rng.integers(0, 2**32, 150, dtype=np.uint64).astype(np.uint32).view(np.float32)
    chosen = np.array([*crowded, *small, *dense, *large, *bits]).astype(np.float32)
    if name in POSITIVE:  # one negative number in ten shows what they give
        chosen = np.array([x if i % 10 == 0 else abs(x) for i, x in enumerate(chosen)], dtype=np.float32)
    chosen = np.unique(chosen[np.isfinite(chosen) & (chosen != 0)])
    filling = rng.uniform(low, high, max(0, COUNT - len(chosen) - len(SPECIAL))).astype(np.float32)
    return np.concatenate([np.unique(np.concatenate([chosen, filling])), np.array(SPECIAL, dtype=np.float32)])
