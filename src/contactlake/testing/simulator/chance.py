"""Chance, the same on every machine.

Owns random streams and distributions. Only ``random()`` and ``getrandbits()`` of the Mersenne Twister are used (their
sequences are guaranteed), and logarithms are computed here from additions, multiplications and divisions, because the
last digit of a platform's ``log`` and ``exp`` is not the same everywhere.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
_LN2 = 0.6931471805599453


def stream(*names: object) -> Random:
    """An own random stream for these names (seed, instance, purpose); no other stream moves it."""
    text = "/".join(str(name) for name in names)
    return Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))


def ln(x: float) -> float:
    """Natural logarithm by the artanh series."""
    mantissa, exponent = math.frexp(x)
    y = (mantissa - 1.0) / (mantissa + 1.0)
    square, term, total = y * y, y, 0.0
    for k in range(1, 60, 2):
        total += term / k
        term *= square
    return 2.0 * total + exponent * _LN2


def exp(x: float) -> float:
    """Exponential function by halving the argument ten times and a short Taylor series."""
    small, value = x / 1024.0, 1.0
    for k in range(8, 0, -1):
        value = 1.0 + small / k * value
    for _ in range(10):
        value *= value
    return value


def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution (Odeh and Evans' rational approximation)."""
    tail = p if p < 0.5 else 1.0 - p
    t = math.sqrt(-2.0 * ln(tail))
    top = 0.322232431088 + t * (1.0 + t * (0.342242088547 + t * (0.0204231210245 + t * 0.0000453642210148)))
    low = 0.099348462606 + t * (0.588581570495 + t * (0.531103462366 + t * (0.10353775285 + t * 0.0038560700634)))
    z = t - top / low
    return -z if p < 0.5 else z


class Quantiles:
    """A distribution of whole numbers, as 257 quantiles with straight lines between."""

    __slots__ = ("_points",)

    def __init__(self, points: Sequence[int]) -> None:
        self._points = tuple(points)

    def draw(self, rng: Random) -> int:
        """A value."""
        bits = rng.getrandbits(24)
        i = bits >> 16
        low = self._points[i]
        return low + ((self._points[i + 1] - low) * (bits & 0xFFFF) >> 16)


def lognormal(median: int, sigma: float, low: int, high: int) -> Quantiles:
    """Log-normal around ``median``, cut to ``low`` … ``high``."""
    ps = [max(1 / 1024, min(1023 / 1024, i / 256)) for i in range(257)]
    return Quantiles([max(low, min(high, int(median * exp(sigma * normal_quantile(p))))) for p in ps])


EXPONENTIAL = Quantiles([int(-1_000_000 * ln(1.0 - min(i / 256, 1 - 1 / 1500))) for i in range(257)])
"""Exponential with mean 1, in millionths."""


def pick(rng: Random, items: Sequence[T]) -> T:
    """One of the items, all equally likely."""
    return items[int(rng.random() * len(items))]


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))


def uuid4(rng: Random) -> str:
    """A random UUID in its usual spelling."""
    h = f"{(rng.getrandbits(128) & ~(0xF << 76 | 0x3 << 62)) | (0x4 << 76) | (0x2 << 62):032x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
