"""Troubles, and what PlanetScale says of them, read again and again."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.planetscale.models import Workflow
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.stage import essence, moved
from bot.workflows.observing.troubles import gist
from tests.builders import CLEAN
from tests.workflows.observed_states import T0, in_state, minutes, news

COUNTS = [
    "rpc error: Unavailable, attempt {n}",
    "error at position MySQL56/6b1f0c9e-5c4e-11ee-9d6b-0242ac12000{n}:1-{n}77, retry in {n}.5s",
    "Duplicate entry '{n}-x' for key 'orders.PRIMARY'",
    "tablet zone1-00000{n}01 is gone after {n}m3s (0x{n}f3a9)",
    "attempt {n}: " + "could not apply the event of this transaction to the target table because " * 4,
    "attempt {n}: " + "could not apply the event of this transaction to the target table because " * 40,
]
COUNTED = (1, 2, 9, 10, 100, 12345)


def failing(text: str | None, state: str = "Error", **differs: Any) -> Workflow:
    stream = {"id": 1, "state": state, "target_shard": "-80", "info": text}
    return in_state("running", streams=[stream | differs])


@pytest.mark.parametrize("words", COUNTS)
def test_a_text_that_counts_is_told_once(words: str) -> None:
    """Attempts, positions, servers and values that change make no new error of a known one."""
    errors = [in_state("error", workflow_errors=words.format(n=n)) for n in COUNTED]
    streams = [failing(words.format(n=n)) for n in COUNTED]
    for reads, what in ((errors, Happening.ERROR), (streams, Happening.STREAM_ERROR)):
        sight, found = first_sight(in_state("running"), T0), []
        drawn = set()
        for minute, workflow in enumerate(reads, 1):
            sight, told = news(sight, workflow, minutes(minute))
            found += told
            drawn.add(essence(sight, minutes(minute)))
        assert (found, len(drawn)) == ([what], 1)


def test_a_counter_is_drawn_in_its_own_time() -> None:
    """An attempt more does not change the live message at once, as other words do."""
    first, second, other = (
        first_sight(in_state("error", workflow_errors=text), T0) for text in ("try 1", "try 2", "lost")
    )
    assert essence(first, T0) == essence(second, T0) != essence(other, T0)
    assert moved(first, second)


def test_words_that_come_after_the_state_are_no_second_call() -> None:
    """The state says error, a read later PlanetScale says why: the message changes, one call is enough."""
    sight, told = news(first_sight(in_state("copying"), T0), in_state("error"), minutes(1))
    assert told == [Happening.ERROR]
    after, told = news(sight, in_state("error", workflow_errors="lost connection"), minutes(2))
    assert told == []
    assert essence(after, minutes(2)) != essence(sight, minutes(2))
    stream = [{"id": 1, "state": "Error", "info": "lost connection"}]
    after, told = news(sight, in_state("error", streams=stream), minutes(2))
    assert told == []
    assert essence(after, minutes(2)) != essence(sight, minutes(2))


def test_two_texts_of_streams_are_two_troubles() -> None:
    """Words that differ are told each, and what two streams say is told once."""
    sight, told = news(
        first_sight(in_state("running"), T0), failing("lost connection to 10.0.0.1"), minutes(1)
    )
    assert told == [Happening.STREAM_ERROR]
    sight, told = news(sight, failing("binlog is gone"), minutes(2))
    assert told == [Happening.STREAM_ERROR]
    assert news(sight, failing("lost connection to 10.0.0.2"), minutes(3))[1] == []


def test_a_stream_that_fails_again_after_it_recovered_is_told_again() -> None:
    """The same error is news once the streams were well for ten minutes; flapping streams call nobody."""
    sight, told = news(first_sight(failing("", "Running"), T0), failing("lost"), minutes(1))
    assert told == [Happening.STREAM_ERROR]
    for minute in range(2, 30, 2):
        sight, told = news(sight, failing("", "Running"), minutes(minute))
        assert told == []
        sight, told = news(sight, failing("lost"), minutes(minute + 1))
        assert told == []
    sight, told = news(sight, failing("", "Running"), minutes(31))
    sight, told = news(sight, failing("lost"), minutes(24 * 60))
    assert told == [Happening.STREAM_ERROR]


def test_streams_that_are_not_reported_are_not_well() -> None:
    """That PlanetScale leaves the streams out, or a list does, is no recovery."""
    sight, _ = news(first_sight(in_state("running"), T0), failing("lost"), minutes(1))
    sight, _ = news(sight, in_state("running", streams=None), minutes(2))
    sight, _ = news(sight, in_state("running", streams=[]), minutes(2.5))
    sight, _ = news(sight, in_state("running", streams=None), minutes(3), in_detail=False)
    assert news(sight, failing("lost"), minutes(60))[1] == []


def test_another_tables_error_is_another_one() -> None:
    """The same words about another table are told, also right after the first one's streams recovered."""
    sight, told = news(
        first_sight(in_state("running"), T0), failing("Table 'shop.a' doesn't exist"), minutes(1)
    )
    assert told == [Happening.STREAM_ERROR]
    sight, _ = news(sight, failing("", "Running"), minutes(2))
    sight, told = news(sight, failing("Table 'shop.b' doesn't exist"), minutes(7))
    assert told == [Happening.STREAM_ERROR]
    assert news(sight, failing("Table 'shop.b' doesn't exist"), minutes(8))[1] == []


def test_words_that_a_workflow_in_error_said_are_known_of_its_streams() -> None:
    """What an error said calls nobody again from a stream; what was said before a recovery does."""
    sight, told = news(first_sight(failing("", "Running"), T0), failing("binlog is gone"), minutes(1))
    assert told == [Happening.STREAM_ERROR]
    for minute in (2, 13):
        sight, _ = news(sight, failing("", "Running"), minutes(minute))
    sight, told = news(sight, in_state("error", workflow_errors="lost"), minutes(14))
    assert told == [Happening.ERROR]
    sight, told = news(sight, failing("lost"), minutes(14.3))
    assert told == []
    assert news(sight, failing("binlog is gone"), minutes(14.5))[1] == [Happening.STREAM_ERROR]


@given(st.text(max_size=200), st.integers(0, 10**12))
def test_numbers_are_not_the_gist(text: str, number: int) -> None:
    """Whatever text it is, a number more or another number is the same gist."""
    assert gist(f"{text} {number} lost") == gist(f"{text} 7 lost")
    assert gist("isn't there, can't be read") != gist("isn't here, can't be read")


def test_an_error_is_told_once_for_each_time_it_fails() -> None:
    """Whatever else it says while it stays in error changes the live message alone; a new failure is told."""
    sight, _ = observe(first_sight(in_state("copying"), T0), in_state("copying"), minutes(1), in_detail=True)
    sight, told = observe(
        sight, in_state("error", workflow_errors="\nlost\nmore"), minutes(2), in_detail=True
    )
    assert [(one.what, one.said, one.was_state) for one in told] == [(Happening.ERROR, "lost", "copying")]
    for text in ("x" * 999, "lost", None):
        sight, found = news(sight, in_state("error", workflow_errors=text), minutes(4))
        assert found == []
    sight, _ = news(sight, in_state("copying"), minutes(5))
    sight, told = observe(sight, in_state("error", workflow_errors="x" * 999), minutes(6), in_detail=True)
    assert [(one.what, one.said) for one in told] == [(Happening.ERROR, "x" * 300)]
    again = in_state("error", workflow_errors="x" * 999, retried_at=minutes(7))
    sight, found = news(sight, again, minutes(8))
    assert found == [Happening.RETRIED]
    assert news(sight, again, minutes(8))[1] == []
    sight, found = news(sight, again, minutes(8.1))
    assert found == [Happening.ERROR]
    assert news(sight, again, minutes(9))[1] == []


@pytest.mark.parametrize("ahead", [0, 1.5])
def test_a_retry_that_the_state_has_not_followed_yet_has_not_failed(ahead: float) -> None:
    """An error that was just retried calls nobody; one that goes on calls once, whatever the clocks say."""
    failed = in_state("error", workflow_errors="lost")
    before, _ = news(first_sight(in_state("copying"), T0), failed, minutes(1))
    retried = failed.model_copy(update={"retried_at": minutes(2 + ahead)})
    before, told = news(before, retried, minutes(2.05))
    assert told == [Happening.RETRIED]
    assert news(before, in_state("copying", retried_at=minutes(2 + ahead)), minutes(2.1))[1] == []
    sight, found = before, []
    for second in range(130, 300, 5):
        sight, told = news(sight, retried, T0 + timedelta(seconds=second))
        found += told
    assert found == [Happening.ERROR]


def test_two_retries_within_a_minute_are_two() -> None:
    """Each retry is told, however soon it follows another one; a time that gains digits is not a retry."""
    sight, _ = news(first_sight(in_state("copying"), T0), in_state("error"), minutes(1))
    sight, told = news(sight, in_state("copying", retried_at=minutes(2)), minutes(2.1))
    assert told == [Happening.RETRIED]
    exact = minutes(2) + timedelta(milliseconds=400)
    sight, told = news(sight, in_state("copying", retried_at=exact), minutes(2.2))
    assert told == []
    sight, told = news(sight, in_state("error", retried_at=exact), minutes(2.3))
    assert told == [Happening.ERROR]
    sight, told = news(sight, in_state("copying", retried_at=minutes(2.8)), minutes(2.9))
    assert told == [Happening.RETRIED]


def test_a_stop_is_told_where_it_means_something() -> None:
    """Streams rest by design once primaries are switched, and for a moment after a verification."""
    stopped = in_state("stopped", workflow_errors="DDL")
    assert news(first_sight(in_state("copying"), T0), stopped, minutes(1))[1] == [Happening.STOPPED]
    switched = in_state("stopped", primaries_switched=True)
    assert news(first_sight(in_state("switched_primaries"), T0), switched, minutes(1))[1] == []
    verifying = first_sight(in_state("verifying_data", vdiff=CLEAN, verify_data_at=T0), T0)
    paused = in_state("stopped", vdiff=CLEAN, verify_data_at=T0)
    sight, told = news(verifying, paused, minutes(1))
    assert told == [Happening.CLEAN]
    sight, told = news(sight, paused, minutes(2))
    assert told == []
    sight, told = news(sight, paused, minutes(4))
    assert told == [Happening.STOPPED]
    assert news(sight, paused, minutes(5))[1] == []


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("copying", [Happening.STREAM_ERROR]),
        ("switched_replicas", [Happening.STREAM_ERROR]),
        ("verifying_data", []),
        ("switched_primaries", []),
    ],
)
def test_a_stream_in_error_is_told_once(state: str, told: list[Happening]) -> None:
    """A stream that fails while its workflow seems well is told, once for each text, where it should run."""
    failing = [{"id": n, "state": "Error", "target_shard": "-80", "info": "lost"} for n in (1, 2)]
    sight = first_sight(in_state(state), T0)
    sight, found = news(sight, in_state(state, streams=failing), minutes(1))
    assert found == told
    assert news(sight, in_state(state, streams=failing), minutes(2))[1] == []
