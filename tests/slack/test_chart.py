"""The picture of a copy as PNG, and as words."""

import struct
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.slack.cards.workflow.charted import alt_text, words
from bot.slack.charts.chart import ChartMissingError, draw
from bot.workflows.observing.picture import HELD, Mark, Picture, TableSample, picture
from tests.builders import NOW, a_workflow, copying

MINUTE = timedelta(minutes=1)


def a_copy(tables: int = 2, minutes: int = 120, *, held: range = range(0), rate: int = 60_000) -> Picture:
    """So many tables, copied side by side."""
    kept = [
        TableSample(
            NOW + MINUTE * minute,
            {f"table_{number}": minute * rate * (number + 1) for number in range(tables)},
            minute in held,
        )
        for minute in range(minutes)
    ]
    found = picture("shop #3 orders-to-customer", kept, copying())
    assert found is not None
    return found


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png[-8:-4] == b"IEND"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("tables", [1, 2, 7, 40])
@pytest.mark.parametrize("minutes", [2, 120])
def test_a_picture_is_a_png_of_one_size(tables: int, minutes: int) -> None:
    """However many tables and samples there are, the picture is a PNG of 900 × 500 pixels, and small."""
    png = draw(a_copy(tables, minutes))
    assert size(png) == (900, 500)
    assert len(png) < 250_000


def test_what_differs_is_seen() -> None:
    """Other rows, a time of standing, a mark, another name: each makes another picture."""
    plain = a_copy()
    pictures = [
        plain,
        a_copy(rate=90_000),
        a_copy(tables=3),
        a_copy(held=range(30, 60)),
        replace(plain, marks=(Mark(NOW + 30 * MINUTE, "error"),)),
        replace(plain, marks=(Mark(NOW + 30 * MINUTE, "copied"),)),
        replace(plain, title="shop #4"),
    ]
    drawn = [draw(one) for one in pictures]
    assert len(set(drawn)) == len(drawn)
    assert draw(a_copy()) == drawn[0]


@pytest.mark.parametrize(
    "name",
    ["$x^2$", r"$\frac{1}{$", "_hidden", "日本", "a\u202eb\nc\x07", "x" * 300, " ", "%s{0}", "🦀"],
)
def test_any_name_can_be_drawn(name: str) -> None:
    """Whatever tables and workflows are called, nothing in a name is a formula or breaks the picture."""
    kept = [TableSample(NOW + MINUTE * minute, {name: minute}) for minute in range(3)]
    found = picture(f"shop #3 {name}", kept, copying())
    assert found is not None
    assert size(draw(found)) == (900, 500)


def test_marks_before_and_long_after_do_not_squeeze_the_rows() -> None:
    """A switch a week after the copy stands in the key, and the picture still shows the time of the copy."""
    plain = a_copy()
    late = replace(
        plain, marks=(Mark(NOW - timedelta(days=7), "retried"), Mark(NOW + timedelta(days=7), "cut over"))
    )
    assert size(draw(late)) == (900, 500)
    assert any("cut over" in line for line in words(late))


def test_many_marks_at_one_moment_can_be_drawn() -> None:
    """Twenty things that happened at once do not break the picture, and the words name them all."""
    crowded = replace(a_copy(), marks=tuple(Mark(NOW + MINUTE, f"retried {number}") for number in range(20)))
    assert size(draw(crowded)) == (900, 500)
    assert sum("retried" in line for line in words(crowded)) == 20


def test_the_words_say_what_the_picture_shows() -> None:
    """Time, rows, rates, tables and marks are there for whoever cannot see the picture."""
    found = replace(a_copy(held=range(30, 60)), title="shop #3 orders-to-customer")
    marked = replace(found, marks=(*found.marks, Mark(NOW + 200 * MINUTE, "writes switched")))
    assert words(marked) == (
        "Rows copied of shop #3 orders-to-customer, 23 Nov 02:14 UTC to 04:13 UTC.",
        "From 0 to about 21.4 M rows in 1 h 59 min · 3 k rows/s on average · 3 k rows/s in the last 30 min",
        "By table: table_1 about 14.2 M · table_0 about 7.14 M",
        "23 Nov 02:44 UTC to 03:14 UTC: throttled or building indexes",
        "23 Nov 05:34 UTC: writes switched",
    )


@pytest.mark.parametrize(("minutes", "lately"), [(3, None), (30, None), (45, "in the last 30 min")])
def test_lately_is_what_was_really_seen(minutes: int, lately: str | None) -> None:
    """Two minutes of samples are not said to be half an hour."""
    samples = [TableSample(NOW + MINUTE * at, {"orders": 1_000_000 * at}) for at in range(minutes + 1)]
    drawn = picture("shop #3", samples, a_workflow(state="copying"))
    assert drawn is not None
    said = words(drawn)[1]
    assert ("in the last" in said) is (lately is not None)
    assert lately is None or said.endswith(lately)


def test_samples_far_apart_say_how_far() -> None:
    """A rate from two samples that lie hours apart is not said to be that of half an hour."""
    rows = ((0, 0), (60, 60), (180, 180))
    samples = [TableSample(NOW + MINUTE * at, {"orders": 1_000_000 * count}) for at, count in rows]
    drawn = picture("shop #3", samples, a_workflow(state="copying"))
    assert drawn is not None
    assert words(drawn)[1].endswith("in the last 2 h")


def test_many_times_of_standing_are_one_line() -> None:
    """A copy that was held ten times has one line of them in the words, with how long in all."""
    held = tuple(Mark(NOW + MINUTE * at, HELD, NOW + MINUTE * (at + 2)) for at in range(0, 100, 10))
    lines = words(replace(a_copy(), marks=held))
    assert lines[-1] == (
        "10 times throttled or building indexes, 20 min in all, the last until 23 Nov 03:46 UTC"
    )
    assert sum(HELD in line for line in lines) == 1


def test_the_words_are_short_enough_for_slack() -> None:
    """The text that stands for the picture keeps within Slack's limit, and no name adds a line to it."""
    kept = [TableSample(NOW + MINUTE * minute, {"evil\n" * 200: minute, "b": 1}) for minute in range(3)]
    found = picture("shop #3", kept, copying())
    assert found is not None
    assert len(alt_text(found)) <= 1000
    assert all(line.isprintable() for line in words(found))


def test_without_the_extra_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is not installed, drawing says so, and nothing else of the bot needs it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in [
        name for name in sys.modules if name.startswith("matplotlib.") or name == "bot.slack.charts.plotting"
    ]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ChartMissingError):
        draw(a_copy())
