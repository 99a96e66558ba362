"""The interval of a share. In a file of its own, because RESULTS and the commands must not wait for what counts."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


def wilson(count: float, n: float, z: float = Z95) -> tuple[float, float]:
    """The 95 % interval of the share count/n: Wilson, Journal of the American Statistical Association 22 (1927)."""
    if n <= 0:
        return 0.0, 1.0
    share = count / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
