"""The time left that is shown for simulated copies, beside the truth and beside the plain rule of three."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from bot.workflows.observing.estimate import estimate
from tests.bench.copies import BEGUN, SimulatedCopy, kinds, moment

COPIES = 40
SHARES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Shown:
    """One estimate, and the truth."""

    error: float
    """How far off the time left is, as a share of the true one."""
    naive: float
    """The same of elapsed × remaining ÷ done."""
    covered: bool
    """Whether the truth lies within the range."""
    width: float
    """The latest divided by the soonest."""


def _shown(copy: SimulatedCopy, share: float) -> Shown | None:
    step = copy.at_share(share)
    now = moment(step)
    said = estimate(copy.seen_at(step), now, BEGUN)
    if said is None or said.left is None or said.soonest is None or said.latest is None:
        return None
    true = copy.seconds - (now - BEGUN).total_seconds()
    naive = (now - BEGUN).total_seconds() * (copy.total - copy.rows[step]) / copy.rows[step]
    return Shown(
        error=abs(said.left.total_seconds() - true) / true,
        naive=abs(naive - true) / true,
        covered=said.soonest.total_seconds() <= true <= said.latest.total_seconds(),
        width=said.latest / said.soonest,
    )


def _lines() -> Iterator[str]:
    yield f"{'':20} {'at':>4} {'shown':>6} {'error':>12} {'rule of three':>14} {'in range':>9} {'range':>7}"
    for kind, copies in kinds(COPIES).items():
        for share in SHARES:
            shown = [one for one in (_shown(copy, share) for copy in copies) if one]
            yield f"{kind:20} {share:4.0%} {len(shown) / len(copies):6.0%} {_figures(shown)}"


def _figures(shown: list[Shown]) -> str:
    if not shown:
        return ""
    errors, naive = _spread([one.error for one in shown]), _spread([one.naive for one in shown])
    covered = sum(one.covered for one in shown) / len(shown)
    width = statistics.median(one.width for one in shown)
    return f"{errors:>12} {naive:>14} {covered:9.0%} {'×' + format(width, '.1f'):>7}"


def _spread(errors: list[float]) -> str:
    ordered = sorted(errors)
    p90 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))]
    return f"{statistics.median(ordered):.0%}, {p90:.0%}"


def report() -> None:
    """Print how far the estimate is off (median, p90) for each kind, and how often its range holds."""
    print(f"Time left of a copy at 25, 50 and 75 % of its rows, {COPIES} simulated copies of a kind:")
    for line in _lines():
        print(line)
