import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.observing.estimate import Estimate, Sample, Trend, estimate
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
TOTAL = 1_000_000_000

moments = st.datetimes(NOW.replace(tzinfo=None) - timedelta(days=90), NOW.replace(tzinfo=None)).map(
    lambda moment: moment.replace(tzinfo=NOW.tzinfo)
)
counts = st.integers(0, 10**18) | st.integers(0, 1000)
anything = st.lists(
    st.builds(Sample, at=moments, copied=counts, total=counts | st.none(), held=st.booleans()), max_size=30
)


def going(*rates: float, total: int | None = TOTAL, held: Sequence[int] = ()) -> list[Sample]:
    """A sample each minute up to now, of a copy that ran at these rates (rows a second), an hour each."""
    rows = [0, *accumulate(int(rate * 60) for rate in rates for _ in range(60))]
    begun = NOW - MINUTE * (len(rows) - 1)
    return [
        Sample(begun + MINUTE * index, count, total, held=max(0, index - 1) // 60 in held)
        for index, count in enumerate(rows)
    ]


def said(samples: Sequence[Sample], now: datetime = NOW) -> Estimate:
    found = estimate(samples, now, samples[0].at)
    assert found is not None
    return found


def seconds(one: timedelta | None) -> float:
    assert one is not None
    return one.total_seconds()


@given(anything, st.booleans(), moments | st.none())
def test_an_estimate_is_never_absurd(
    samples: list[Sample], in_order: bool, started_at: datetime | None
) -> None:
    """Whatever was read, no estimate is negative, infinite, NaN or beyond 60 days, and its range holds it."""
    given_as = sorted(samples, key=lambda one: one.at) if in_order else samples
    found = estimate(given_as, NOW, started_at)
    if found is None:
        return
    assert found.rate is not None
    assert found.rate > 0
    assert math.isfinite(found.rate)
    if found.left is None:
        assert found.soonest is found.latest is None
        return
    assert found.soonest is not None
    assert found.latest is not None
    assert timedelta(0) <= found.soonest <= found.left <= found.latest <= timedelta(days=60)


@given(
    st.lists(st.floats(1, 500_000), min_size=1, max_size=6),
    st.integers(1, 6),
    st.floats(0.01, 0.99),
)
def test_an_estimate_of_a_going_copy_has_a_range(rates: list[float], hours: int, done: float) -> None:
    """However the rate changed from hour to hour, a range is given that is wider than a point."""
    samples = going(*[rate for rate in rates for _ in range(hours)])
    total = int(samples[-1].copied / done) + 1
    found = said([Sample(one.at, one.copied, total) for one in samples])
    if found.left is not None:
        assert seconds(found.soonest) < seconds(found.left) < seconds(found.latest)


@given(st.floats(100, 1_000_000), st.floats(0.05, 0.95))
def test_a_steady_copy_is_estimated_at_its_rate(rate: float, done: float) -> None:
    """Where the rate never changed, what is left is the rows left at that rate."""
    samples = going(rate, rate, rate)
    total = int(samples[-1].copied / done)
    found = said([Sample(one.at, one.copied, total) for one in samples])
    assert found.rate == pytest.approx(rate, rel=0.02)
    assert found.trend is Trend.STEADY
    assert seconds(found.left) == pytest.approx((total - samples[-1].copied) / rate, rel=0.02)


def test_a_slowing_copy_is_said_to_slow_down() -> None:
    """A copy that slows down hour by hour is told as slower, and its range reaches further than before."""
    steady, slowing = said(going(20_000, 20_000, 20_000)), said(going(30_000, 20_000, 10_000))
    assert slowing.trend is Trend.SLOWER
    assert slowing.rate == pytest.approx(10_000)
    assert seconds(slowing.latest) > 1.5 * seconds(steady.latest)
    rows = TOTAL - going(30_000, 20_000, 10_000)[-1].copied
    assert seconds(slowing.latest) > rows / 10_000 > seconds(slowing.soonest)


def test_a_copy_that_speeds_up_is_said_to_be_faster() -> None:
    """A copy that goes faster than an hour before is told as faster."""
    assert said(going(10_000, 20_000)).trend is Trend.FASTER


@pytest.mark.parametrize(
    ("rate", "trend"), [(11_400, "steady"), (8_600, "steady"), (11_600, "faster"), (8_400, "slower")]
)
def test_steady_means_within_15_percent(rate: float, trend: str) -> None:
    """A rate within 15 % of the one an hour before is steady, any other is not."""
    assert said(going(10_000, rate)).trend == trend


def test_without_an_hour_before_there_is_no_trend() -> None:
    """The trend of the first hour is not known, and not invented."""
    found = said(going(10_000))
    assert found.trend is None
    assert found.left is not None


def test_one_long_standstill_is_not_taken_to_come_again_and_again() -> None:
    """A copy that was throttled for its first eight hours is not expected to take nine times as long."""
    samples = going(*[0] * 8, 10_000, held=range(8))
    found = said(samples)
    rows = TOTAL - samples[-1].copied
    assert rows / 10_000 <= seconds(found.left) <= 2.1 * rows / 10_000
    assert found.grounds == 59 * MINUTE


@pytest.mark.parametrize("minutes", range(1, 10))
def test_the_first_ten_minutes_have_no_estimate(minutes: int) -> None:
    """In the first 10 minutes of a copy nothing is estimated, though its rows move."""
    samples = going(10_000)[: minutes + 1]
    assert estimate(samples, samples[-1].at, samples[0].at) is None
    assert estimate(samples, samples[-1].at, None) is None


def test_after_ten_minutes_there_is_an_estimate() -> None:
    """Ten minutes into a copy there is a first estimate."""
    samples = going(10_000)[:11]
    assert said(samples, samples[-1].at).left is not None


def test_samples_from_before_the_start_do_not_count() -> None:
    """Time that a workflow waited before its copy began does not make the copy slow."""
    waited = [Sample(NOW - MINUTE * (700 - index), 0, TOTAL) for index in range(600)]
    copying = going(10_000)
    found = estimate([*waited, *copying], NOW, copying[0].at)
    assert found == said(copying)


def test_a_pause_is_expected_again() -> None:
    """A copy that was throttled for a third of the time goes at its rate, and is expected to pause again."""
    samples = going(10_000, 0, 10_000, held=[1])
    found = said(samples)
    assert found.rate == pytest.approx(10_000)
    assert found.trend is None
    rows = TOTAL - samples[-1].copied
    assert seconds(found.left) == pytest.approx(rows / 10_000 * 1.5, rel=0.05)
    assert seconds(found.soonest) < rows / 10_000


def test_rows_that_stand_still_have_no_estimate() -> None:
    """Ten minutes after the last row moved nothing is estimated, whatever the reason."""
    samples = going(10_000, 10_000)
    still = [Sample(NOW + MINUTE * index, samples[-1].copied, TOTAL) for index in range(1, 11)]
    assert estimate([*samples, *still[:9]], NOW + 9 * MINUTE, samples[0].at) is not None
    assert estimate([*samples, *still], NOW + 10 * MINUTE, samples[0].at) is None


def test_without_new_samples_there_is_no_estimate() -> None:
    """Samples that ended ten minutes ago are not taken for the present."""
    samples = going(10_000, 10_000)
    assert estimate(samples, NOW + 10 * MINUTE, samples[0].at) is None


def test_after_a_restart_only_what_follows_counts() -> None:
    """A copy that starts over has no estimate for ten minutes, then one from its new rows alone."""
    before = going(50_000, 50_000)
    after = [Sample(NOW + MINUTE * index, 600_000 * index, TOTAL) for index in range(1, 31)]
    started_at = before[0].at
    assert estimate([*before, *after[:10]], after[9].at, started_at) is None
    found = estimate([*before, *after], after[-1].at, started_at)
    assert found is not None
    assert found.rate == pytest.approx(10_000)
    assert seconds(found.left) == pytest.approx((TOTAL - after[-1].copied) / 10_000, rel=0.02)


def test_a_small_drop_is_no_restart() -> None:
    """Counts are statistics: one that is a little lower than the last does not take the estimate away."""
    samples = going(10_000, 10_000)
    dropped = Sample(NOW + MINUTE, int(samples[-1].copied * 0.995), TOTAL)
    later = Sample(NOW + 2 * MINUTE, samples[-1].copied + 1_200_000, TOTAL)
    found = said([*samples, dropped, later], later.at)
    assert found.rate == pytest.approx(10_000, rel=0.01)


@pytest.mark.parametrize("total", [None, 0, 36_000_000, 35_000_000])
def test_a_total_that_says_nothing_gives_no_time(total: int | None) -> None:
    """Where the total is unknown, or the rows have passed it, there is a rate and no time left."""
    found = said(going(10_000, total=total))
    assert found == Estimate(rate=10_000, grounds=timedelta(hours=1))


def test_beyond_sixty_days_there_is_no_time() -> None:
    """A copy that would take more than 60 days at its rate has a rate and no time left."""
    assert said(going(10)).left is None
    assert said(going(10)).rate == pytest.approx(10)


def test_the_range_narrows_as_the_copy_goes_on() -> None:
    """The less is left beside what was seen, the narrower the range."""
    hours = going(*[20_000] * 12)
    widths = [said(hours[: 60 * hour + 1], hours[60 * hour].at) for hour in (1, 3, 6, 9)]
    ratios = [seconds(one.latest) / seconds(one.soonest) for one in widths]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] > ratios[-1]


def test_an_unsteady_copy_has_a_wider_range() -> None:
    """The more the rate varied, the wider the range."""
    steady, unsteady = said(going(*[20_000] * 6)), said(going(*[5_000, 35_000] * 3))
    assert seconds(unsteady.latest) / seconds(unsteady.soonest) > 1.5 * (
        seconds(steady.latest) / seconds(steady.soonest)
    )


@pytest.mark.parametrize("lately", [10_000, 30_000, 60_000, 200_000])
def test_the_time_that_is_left_fits_a_rate_that_is_told(lately: int) -> None:
    """The rows that are left, at the rate that is given for it, take as long as is said."""
    samples = going(*[30_000] * 12, lately, total=8_000_000_000)
    found = said(samples)
    assert found.expected is not None
    rows = 8_000_000_000 - samples[-1].copied
    assert seconds(found.left) == pytest.approx(rows / found.expected)
