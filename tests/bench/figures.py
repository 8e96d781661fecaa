"""How a series of times is told."""

import statistics
from collections.abc import Sequence


def spread(seconds: Sequence[float]) -> str:
    """`median 12.3 ms, p99 45.6 ms (60 times)`"""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return (
        f"median {statistics.median(ordered) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms ({len(ordered)} times)"
    )
