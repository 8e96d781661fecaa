"""Moments in sentences that are kept."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.workflows.facts.moments import parts_of, since, stamp

AT = datetime(2026, 11, 23, 2, 14, 5, tzinfo=UTC)


def test_a_moment_comes_back_as_it_was_written() -> None:
    """What a sentence says of a moment, whatever zone it was given in, is that moment to the second."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    assert list(parts_of(f"Moved at {stamp(elsewhere)}, and{since(AT)}.")) == [
        "Moved at ",
        AT,
        ", and since ",
        AT,
        ".",
    ]
    assert since(None) == ""


@pytest.mark.parametrize(
    "sentence",
    ["", "Verified clean 2 h ago.", "since 02:05 UTC", "2026-02-31T02:14:05Z", "12026-01-01T00:00:00Z"],
)
def test_what_is_no_moment_stays_text(sentence: str) -> None:
    """Sentences of rows from before, and what only looks like a moment, read as they are."""
    assert "".join(str(one) for one in parts_of(sentence)) == sentence
