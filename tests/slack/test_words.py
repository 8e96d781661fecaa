from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.cards.blocks.words import (
    ago,
    bar,
    calendar,
    columns,
    count,
    cut,
    duration,
    first_line,
    names,
    padded,
    plural,
)
from tests.builders import NOW


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1 k"),
        (1_019, "1.01 k"),
        (41_900, "41.9 k"),
        (412_999_999, "412 M"),
        (999_999_999, "999 M"),
        (1_010_000_000, "1.01 B"),
        (5_100_000_000, "5.1 B"),
        (10**15, "1000 T"),
    ],
)
def test_counts_have_three_digits_at_most_and_are_cut(number: int, text: str) -> None:
    """Row counts are estimates: three digits, never rounded up."""
    assert count(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (14, "14 s"),
        (59.9, "59 s"),
        (52 * 60, "52 min"),
        (3600, "1 h"),
        (6 * 3600 + 600, "6 h 10 min"),
        (2 * 86400 + 4 * 3600, "2 d 4 h"),
        (86400, "1 d"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    """`14 s`, `52 min`, `6 h 10 min`, `2 d 4 h`."""
    assert duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (-60, "just now"),
        (30, "just now"),
        (120, "2 min ago"),
        (26 * 3600, "26 h ago"),
        (9 * 86400, "9 d ago"),
    ],
)
def test_ages_have_one_unit(passed: float, text: str) -> None:
    """Clocks that disagree by a little never give a negative age."""
    assert ago(NOW - timedelta(seconds=passed), NOW) == text


def test_names_are_listed_up_to_five() -> None:
    """Up to five tables by name, then the first two and how many more."""
    assert names([]) == ""
    assert names(["a"]) == "a"
    assert names(["a", "b", "c"]) == "a, b and c"
    assert names([f"t{number}" for number in range(40)]) == "t0, t1 and 38 more"


def test_plurals() -> None:
    """One row, seventeen rows."""
    assert (plural(1, "row"), plural(17, "row"), plural(1700, "row")) == ("1 row", "17 rows", "1,700 rows")


@given(st.integers(-50, 200), st.integers(1, 40))
def test_bars_keep_their_width(percent: int, width: int) -> None:
    """A bar has the same width whatever the share, and is full only at 100 %."""
    drawn = bar(percent, width)
    assert len(drawn) == width
    assert (drawn.count("░") == 0) == (percent >= 100)


@given(st.text())
def test_the_first_line_of_an_error_is_one_short_line(text: str) -> None:
    """PlanetScale's words are cut to one printable line of at most 300 characters."""
    line = first_line(text)
    assert len(line) <= 300
    assert line.isprintable()


def test_a_column_of_times() -> None:
    """Today the hour, this week the day, else the date."""
    assert calendar(NOW - timedelta(hours=2), NOW) == "00:14"
    assert calendar(NOW - timedelta(days=1), NOW) == "Sun 02:14"
    assert calendar(datetime(2026, 11, 3, tzinfo=UTC), NOW) == "3 Nov"
    assert calendar(datetime(2025, 11, 3, tzinfo=UTC), NOW) == "3 Nov 2025"


@pytest.mark.parametrize(
    ("text", "width"), [("orders", 6), ("größe_表", 8), ("テーブル", 8), ("e\u0301", 1), ("", 0)]
)
def test_columns_are_what_the_eye_sees(text: str, width: int) -> None:
    """A wide letter takes two columns, an accent of its own none."""
    assert columns(text) == width


@given(st.text(), st.integers(1, 30))
def test_cut_and_padded_text_fits_its_column(text: str, width: int) -> None:
    """Whatever a name is made of, its column is as wide as all others."""
    assert columns(padded(cut(text, width), width)) == width
    assert cut(text, width) == text or cut(text, width).endswith("…")


def test_numbers_stand_at_the_right() -> None:
    """A column of numbers is flush at its right edge."""
    assert [padded("7", 2, right=True), padded("12", 2, right=True)] == [" 7", "12"]
