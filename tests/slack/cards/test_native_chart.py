"""The picture of a copy as Slack's own chart, within what Slack takes."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.slack.blockkit import message_problems
from bot.slack.cards.workflow.charted import native_card
from bot.slack.cards.workflow.native_chart import native_chart
from bot.workflows.observing.picture import Picture, TableSample, picture
from tests.builders import NOW, copying

MINUTE = timedelta(minutes=1)
samples = st.lists(
    st.builds(
        TableSample,
        at=st.floats(0, 10**7).map(lambda seconds: NOW + timedelta(seconds=seconds)),
        tables=st.dictionaries(
            st.text(st.sampled_from("ab \u202e🦀\n"), max_size=40), st.integers(0, 10**18), max_size=12
        ),
    ),
    min_size=2,
    max_size=60,
)


def a_copy(tables: int = 2, minutes: int = 200, step: timedelta = MINUTE, name: str = "table_{}") -> Picture:
    kept = [
        TableSample(NOW + step * at, {name.format(one): at * (one + 1) for one in range(tables)})
        for at in range(minutes)
    ]
    found = picture("shop #3 orders-to-customer", kept, copying())
    assert found is not None
    return found


@given(samples, st.text(max_size=80))
def test_slack_takes_every_chart(kept: list[TableSample], title: str) -> None:
    """Whatever was kept and whatever it is called, the chart is within Slack's limits."""
    found = picture(title, kept, copying())
    if found is not None:
        assert message_problems(list(native_card(found).blocks)) == []


@pytest.mark.parametrize(("tables", "lines"), [(1, 1), (6, 6), (7, 6), (8, 6), (40, 6)])
def test_no_rows_are_lost(tables: int, lines: int) -> None:
    """However many tables there are, the lines of the chart add up to all rows, and say of how many."""
    found = a_copy(tables)
    series = native_chart(found)["chart"]["series"]
    assert len(series) == lines
    assert sum(one["data"][-1]["value"] for one in series) == found.totals[-1][1]
    assert sum(one["data"][0]["value"] for one in series) == found.totals[0][1]
    if tables > lines:
        assert series[-1]["name"] == f"{tables - 5} more"
        assert f"{tables - 5} more about" in native_card(found).plain


@pytest.mark.parametrize("minutes", [2, 19, 20, 21, 1000])
def test_the_points_are_spread_over_the_time(minutes: int) -> None:
    """At most twenty points, evenly from the first sample to the last; each number is one that was read."""
    found = a_copy(1, minutes)
    thinned = found.thinned(20)
    moments = [at for at, _ in thinned.totals]
    assert len(moments) == min(minutes, 20)
    assert (moments[0], moments[-1]) == (found.begins, found.ends)
    gaps = [after - before for before, after in pairwise(moments)]
    assert max(gaps) - min(gaps) <= MINUTE
    assert set(thinned.totals) <= set(found.totals)


@pytest.mark.parametrize(
    ("step", "first", "along"),
    [
        (timedelta(seconds=30), "02:14", "23 Nov, UTC"),
        (timedelta(seconds=1), "02:14:00", "23 Nov, UTC"),
        (timedelta(hours=2), "23 Nov 02:14", "UTC"),
    ],
)
def test_a_point_says_when(step: timedelta, first: str, along: str) -> None:
    """Times are as short as they can be told apart; the day is with them where there is more than one."""
    axes = native_chart(a_copy(1, 100, step))["chart"]["axis_config"]
    assert axes["categories"][0] == first
    assert axes["x_label"] == along
    assert len(set(axes["categories"])) == len(axes["categories"])


def test_long_names_are_told_apart() -> None:
    """Long names keep their ends; those that would still look the same are numbered."""
    ends = native_chart(a_copy(2, name="customer_order_lines_archive_{}"))["chart"]["series"]
    assert [one["name"] for one in ends] == ["customer_o…archive_1", "customer_o…archive_0"]
    same = native_chart(a_copy(2, name="customer_{}_order_lines_archive"))["chart"]["series"]
    assert len({one["name"] for one in same}) == 2
    alike = native_chart(a_copy(2, name="customer_order_{}_lines_of_the_archive"))["chart"]["series"]
    assert [one["name"] for one in alike] == ["customer_o…e_archive", "customer_o…e_arc (2)"]
