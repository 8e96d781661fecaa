"""What an answer that is older than another one, or a clock that is wrong, must not do."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.planetscale.models import Workflow
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from tests.builders import CLEAN, STREAMS, copying
from tests.workflows.lives import NEXT, TIME_OF, Life
from tests.workflows.observed_states import T0, in_state, kinds, minutes, news

COPIED = {"data_copy_completed_at": minutes(-60)}
BEFORE = in_state("verified_data", **COPIED)
SWITCHED = in_state(
    "switched_primaries", **COPIED, switch_replicas_at=minutes(1), switch_primaries_at=minutes(1)
)
BOTH = [Happening.REPLICAS_SWITCHED, Happening.PRIMARIES_SWITCHED]


def switched() -> ObservedState:
    sight, told = news(first_sight(BEFORE, T0), SWITCHED, minutes(2))
    assert told == BOTH
    return sight


@pytest.mark.parametrize("in_detail", [True, False])
def test_an_older_answer_changes_nothing(in_detail: bool) -> None:
    """A replica that lags makes nobody hear of a reverse, nor of the switch once more."""
    sight = switched()
    lagged, told = news(sight, BEFORE, minutes(2.2), in_detail=in_detail)
    assert (told, lagged.workflow, lagged.read_at) == ([], sight.workflow, minutes(2))
    assert lagged.unsure
    after, told = news(lagged, SWITCHED, minutes(2.4), in_detail=False)
    assert (told, after.read_at, after.unsure) == ([], minutes(2.4), False)


@pytest.mark.parametrize(
    ("older", "void"),
    [
        ({"switch_primaries_at": None}, True),
        ({"switch_primaries_at": minutes(0.5)}, True),
        ({"verify_data_at": None}, True),
        ({"updated_at": minutes(1)}, True),
        ({"updated_at": None}, False),
        ({"switch_primaries_at": minutes(1) - timedelta(milliseconds=600)}, False),
        ({"updated_at": minutes(2) - timedelta(milliseconds=600)}, False),
        ({"updated_at": minutes(3)}, False),
        ({"data_copy_completed_at": None, "retried_at": minutes(2)}, False),
        ({"id": None, "switch_primaries_at": None}, True),
    ],
)
def test_what_makes_an_answer_older(older: dict[str, Any], void: bool) -> None:
    """A time that is missing or earlier, where nothing is new; a time that is less precise is none."""
    full = SWITCHED.model_copy(update={"updated_at": minutes(2), "verify_data_at": T0})
    sight = first_sight(full, minutes(2))
    after, _ = news(sight, full.model_copy(update=older), minutes(3))
    assert (after.read_at == minutes(2)) is void


def test_what_goes_on_being_so_is_believed() -> None:
    """A time that PlanetScale takes back is accepted from the third read in full on, a minute later."""
    sight = switched()
    for at, in_detail in ((2.2, False), (2.5, True), (2.8, False), (3.1, True), (4, False)):
        sight, told = news(sight, BEFORE, minutes(at), in_detail=in_detail)
        assert (told, sight.read_at) == ([], minutes(2))
    sight, told = news(sight, BEFORE, minutes(4.1))
    assert (told, sight.workflow, sight.unsure) == ([Happening.REVERSED], BEFORE, False)


def test_many_older_answers_in_a_moment_prove_nothing() -> None:
    """However often a lagging replica is asked within a minute, it is not believed."""
    sight = switched()
    for second in range(1, 60):
        sight, told = news(sight, BEFORE, minutes(2) + timedelta(seconds=second))
        assert (told, sight.read_at) == ([], minutes(2))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_lags_no_old_state_is_told(data: st.DataObject) -> None:
    """Answers with the times of earlier moments, between the others, add no news and hide none."""
    life, answers = Life(early=data.draw(st.booleans())), []
    for _ in range(data.draw(st.integers(1, 8))):
        if NEXT[life.state]:
            for step in life.steps(data.draw(st.sampled_from(NEXT[life.state])), 0):
                if step != "read":
                    step()
                answers.append(life.read(in_detail=True)[:2])
    stamped = [(one.model_copy(update={"updated_at": at}), at) for one, at in answers]
    clean = lagging = first_sight(*stamped[0])
    for place, (workflow, at) in enumerate(stamped[1:], 1):
        clean, expected = observe(clean, workflow, at, in_detail=True)
        lagging, told = observe(lagging, workflow, at, in_detail=True)
        assert told == expected
        old, in_detail = stamped[data.draw(st.integers(0, place - 1))][0], data.draw(st.booleans())
        if _tells_by_its_times(old, workflow, in_detail=in_detail) and data.draw(st.booleans()):
            old = old.model_copy(update={"updated_at": None})
        lagging, told = observe(lagging, old, at + timedelta(seconds=20), in_detail=in_detail)
        assert (told, lagging.workflow) == ((), workflow)


def _tells_by_its_times(old: Workflow, new: Workflow, *, in_detail: bool) -> bool:
    """Whether a time of what was done says that `old` is older."""
    names = {*TIME_OF.values(), *(["verify_data_at"] if in_detail else [])}
    return any(getattr(old, name) != getattr(new, name) for name in names)


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    """When the bot's clock goes back by an hour, what is read next counts, and durations begin anew."""
    sight, _ = news(first_sight(BEFORE, T0), in_state("stopped", **COPIED), minutes(60))
    sight, told = news(sight, in_state("stopped", **COPIED), minutes(1))
    assert (told, sight.read_at, sight.detail_at) == ([], minutes(1), minutes(1))
    assert sight.entered_at < minutes(1)
    sight, told = news(sight, in_state("error", **COPIED), minutes(-30), in_detail=False)
    assert (told, sight.read_at) == ([Happening.ERROR], minutes(-30))
    assert sight.detail_at < sight.read_at


def test_a_clock_that_was_set_back_makes_nothing_happen_twice() -> None:
    """What was told by PlanetScale's times is not told again, though they lie ahead now."""
    sight, told = news(switched(), SWITCHED, minutes(60))
    assert told == []
    sight, told = news(sight, SWITCHED, minutes(-30))
    assert (told, sight.workflow) == ([], SWITCHED)
    assert news(sight, SWITCHED, minutes(61))[1] == []


@pytest.mark.parametrize("field", ["data_copy_completed_at", "switch_replicas_at", "cancelled_at"])
def test_a_time_that_lies_ahead_is_no_time(field: str) -> None:
    """Nothing is told as done by a time of next month; a clock that is a minute ahead does no harm."""
    month = {field: minutes(60 * 24 * 30)}
    sight, told = news(first_sight(in_state("copying"), T0), in_state("copying", **month), minutes(1))
    assert (told, getattr(sight.workflow, field)) == ([], None)
    assert getattr(first_sight(in_state("copying", **month), T0).workflow, field) is None
    soon = in_state("running", data_copy_completed_at=minutes(3))
    assert news(sight, soon, minutes(2))[1] == [Happening.COPIED]


def test_a_copy_whose_time_lies_ahead_is_told_by_its_state() -> None:
    """That all rows are copied is told when the state says so, and not again when the time is reached."""
    ahead = in_state("running", data_copy_completed_at=minutes(60))
    sight, told = news(first_sight(in_state("copying"), T0), ahead, minutes(1))
    assert told == [Happening.COPIED]
    assert news(sight, ahead, minutes(61))[1] == []


@pytest.mark.parametrize(
    ("state", "times"),
    [
        ("running", ("data_copy_completed_at",)),
        ("switched_replicas", ("switch_replicas_at",)),
        ("switched_primaries", ("switch_primaries_at", "switch_replicas_at")),
        ("cutover", ("cutover_at",)),
        ("completed", ("completed_at",)),
        ("cancelled", ("cancelled_at",)),
    ],
)
def test_a_time_that_is_put_right_is_no_second_news(state: str, times: tuple[str, ...]) -> None:
    """PlanetScale may correct a time by seconds: that did not happen once more."""
    sight, told = news(
        first_sight(in_state("copying"), T0), in_state(state, **dict.fromkeys(times, minutes(1))), minutes(2)
    )
    assert told
    right = in_state(state, **dict.fromkeys(times, minutes(1) + timedelta(seconds=2)))
    sight, told = news(sight, right, minutes(3))
    assert told == []
    assert news(sight, right, minutes(4))[1] == []


@pytest.mark.parametrize("behind", [0, 70, 600])
def test_a_state_began_after_the_read_before(behind: int) -> None:
    """A switch that has just begun is not told as taking long because PlanetScale's clock is behind."""
    sight, _ = news(first_sight(BEFORE, T0), BEFORE, minutes(1))
    at = minutes(1.1)
    begun = in_state("switching_primaries", **COPIED, switch_primaries_at=at - timedelta(seconds=behind + 1))
    sight, told = news(sight, begun, at)
    assert told == []
    assert minutes(1) <= sight.entered_at <= at
    assert news(sight, begun, minutes(2.2))[1] == [Happening.MOVING_LONG]


def test_a_time_that_comes_a_read_later_does_not_make_a_state_older() -> None:
    """A move that was seen to begin does not take long because a slow clock gives its time a read later."""
    sight, _ = news(first_sight(BEFORE, T0), BEFORE, minutes(1))
    sight, _ = news(sight, in_state("switching_primaries", **COPIED), minutes(1.1))
    timed = in_state("switching_primaries", **COPIED, switch_primaries_at=T0)
    sight, told = news(sight, timed, minutes(1.2))
    assert (told, sight.entered_at) == ([], minutes(1.1))
    long, _ = news(first_sight(BEFORE, T0), in_state("switching_primaries", **COPIED), minutes(60))
    assert news(long, timed, minutes(61))[0].entered_at == T0


def held(seen: datetime, behind: float) -> Workflow:
    stream = STREAMS[0] | {"component_throttled": "vplayer", "component_throttled_at": seen}
    stream["component_throttled_at"] = seen - timedelta(minutes=behind)
    return copying({"name": "orders", "rows_copied": 1, "rows_total": 9}, streams=[stream])


@pytest.mark.parametrize("behind", [0, 3, 600])
def test_the_throttler_is_seen_whatever_its_clock_says(behind: float) -> None:
    """While its time moves on the throttler is at work, and two minutes after it stopped it is not."""
    sight, found = first_sight(held(T0, behind), T0), []
    for quarter in range(1, 200):  # read each 15 s; refreshed once a minute
        at = minutes(quarter / 4)
        sight, told = observe(sight, held(minutes(quarter // 4), behind), at, in_detail=True)
        found += kinds(told)
    assert found == [Happening.THROTTLED]
    assert sight.throttled_since is not None
    for quarter in range(200, 210):
        sight, told = observe(sight, held(minutes(49), behind), minutes(quarter / 4), in_detail=True)
    assert sight.throttled_since is None


def test_an_old_standstill_is_not_taken_for_a_new_one() -> None:
    """A time of the throttler that moved on between two reads that lie far apart says nothing of now."""
    sight = first_sight(held(T0, 10), T0)
    sight, _ = news(sight, held(minutes(3), 10), minutes(5))
    assert sight.throttled_since is None


@pytest.mark.parametrize(
    ("state", "times", "only_seen"),
    [
        ("error", {}, True),
        ("stopped", {}, True),
        ("reversed_cutover", {}, True),
        ("switching_primaries", {}, True),
        ("switched_replicas", {"switch_replicas_at": minutes(-120)}, False),
    ],
)
def test_a_first_look_does_not_know_since_when(state: str, times: dict[str, Any], only_seen: bool) -> None:
    """What the bot finds at its first look may have been so for hours, unless PlanetScale gives a time."""
    assert first_sight(in_state(state, **times), T0).only_seen is only_seen


def test_since_when_is_known_where_it_was_watched() -> None:
    """What changed between two reads of a watch began then, unless hours lie between them."""
    copies, failed = in_state("copying"), in_state("error")
    sight, _ = news(first_sight(copies, T0), failed, minutes(5))
    assert (sight.entered_at, sight.only_seen) == (minutes(5), False)
    sight, _ = news(first_sight(copies, T0), failed, minutes(120))
    assert (sight.entered_at, sight.only_seen) == (minutes(120), True)
    sight, _ = news(sight, failed, minutes(121))
    assert sight.only_seen
    done = in_state("cancelled", cancelled_at=minutes(122), vdiff=CLEAN)
    assert not news(sight, done, minutes(123))[0].only_seen
