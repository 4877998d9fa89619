#!/usr/bin/env python3
"""The constants of kernels/simd/{exponential,math,activation}.ts: `python scripts/fit.py` prints them.

Each function is fitted by a polynomial or a quotient of two, P(t) / Q(t) with Q(0) = 1, whose largest weighted error is made
small by Lawson's method: least squares again and again, with more weight where the error was large. A quotient is made
linear by dividing the residual P - f Q by the Q of the round before.
"""

import mpmath
import numpy as np
from mpmath import mp, mpf

mp.dps = 50
POINTS = 800
ROUNDS = 80


def chebyshev(low, high):
    """Points of [low, high], closer together at the ends."""
    turn = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    return (low + high) / 2 + (high - low) / 2 * turn


def fit(f, weight, low, high, degree, below=0):
    """(largest weighted error, coefficients of P, of Q), lowest power first."""
    x = chebyshev(low, high)
    y = np.array([float(f(mpf(float(t)))) for t in x])
    importance = np.array([float(weight(mpf(float(t)))) for t in x])
    unit = max(abs(low), abs(high))
    powers = np.vander(x / unit, max(degree, below) + 1, increasing=True)
    top, bottom = powers[:, : degree + 1], powers[:, 1 : below + 1]
    share, quotient = np.full(POINTS, 1 / POINTS), np.ones(POINTS)
    best = (np.inf, None)
    for _ in range(ROUNDS):
        scale = np.sqrt(share) * importance / np.abs(quotient)
        system = np.hstack([top, -y[:, None] * bottom]) * scale[:, None]
        found = np.linalg.lstsq(system, y * scale, rcond=None)[0]
        quotient = 1 + bottom @ found[degree + 1 :]
        error = np.abs(top @ found[: degree + 1] / quotient - y) * importance
        if error.max() < best[0]:
            best = (error.max(), found)
        share = share * (error / error.max() + 1e-3)
        share /= share.sum()
    worst, found = best
    p = found[: degree + 1] / unit ** np.arange(degree + 1)
    q = np.r_[1, found[degree + 1 :] / unit ** np.arange(1, below + 1)]
    return worst, p, q


def report(name, worst, *lists):
    """The coefficients as float32 numbers, highest power first: the order in which Horner's scheme takes them."""
    print(f"{name}: {worst:.1e}")
    for coefficients in lists:
        print("  " + ", ".join(np.format_float_scientific(np.float32(c), unique=True) for c in coefficients[::-1]))


def mills(a):
    """The share of a normal distribution above a, without its factor e^(-a^2/2)."""
    return mpmath.erfc(a / mpmath.sqrt(2)) * mpmath.exp(a * a / 2) / 2


def main():
    # e^r = 1 + r + r^2 P(r)
    half = float(mpmath.log(2) / 2) * 1.001
    report("exp", *fit(lambda r: (mpmath.expm1(r) - r) / r**2, lambda r: r**2 / mpmath.exp(r), -half, half, 4)[:2])
    # log(1 + f) = f - f^2/2 + f^3 P(f)
    low, high = 2**-0.5 - 1, 2**0.5 - 1
    log = lambda f: (mpmath.log1p(f) - f + f * f / 2) / f**3
    report("log", *fit(log, lambda f: abs(f**3 / mpmath.log1p(f)), low * 1.001, high * 1.001, 8)[:2])
    # tanh(x) = x + x z P(z), z = x^2, up to 0.625
    tanh = lambda z: (mpmath.tanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z
    report("tanh", *fit(tanh, lambda z: z * mpmath.sqrt(z) / mpmath.tanh(mpmath.sqrt(z)), 1e-9, 0.625**2, 4)[:2])
    # erf(x) = x + x P(z), z = x^2, up to 1
    erf = lambda z: mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1
    report("erf", *fit(erf, lambda z: mpmath.sqrt(z) / mpmath.erf(mpmath.sqrt(z)), 1e-9, 1, 6)[:2])
    # erf(x) = 1 - e^P(x) from 1 on
    above = fit(lambda x: mpmath.log(mpmath.erfc(x)), lambda x: mpmath.erfc(x) / mpmath.erf(x), 1, 4.1, 6)
    report("erf above 1", *above[:2])
    # the lower tail of the normal distribution = e^(-a^2/2) P(a) / Q(a), as far as float32 numbers reach
    report("gelu", *fit(mills, lambda a: 1 / mills(a), 0, 14.6, 4, 5))


if __name__ == "__main__":
    main()
