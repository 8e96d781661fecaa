from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from tests.workflows.lives import NEXT, SEEN_AS_STATE, TIME_OF, Life

READS = st.sampled_from(["none", "none", "list", "detail"])
STORED = TypeAdapter(ObservedState)
BY_TIME = {*TIME_OF, Happening.CLEAN, Happening.DIFFERS, Happening.VERIFICATION_BROKE_OFF}
BY_STATE = {*SEEN_AS_STATE.values(), Happening.SWITCH_BROKE_OFF}
MAY_BE_TOLD = {Happening.VERIFICATION_STARTED, Happening.MOVING_LONG}


@given(st.data(), st.booleans())
@settings(max_examples=250, deadline=None)
def test_whatever_the_reads_in_between_every_deed_is_told_once_and_in_order(
    data: st.DataObject, early: bool
) -> None:
    """Everything that was done to a workflow is told, once, by its time and in order, however it is read."""
    life = Life(early)
    workflow, at, _, _ = life.read(in_detail=True)
    sight = first_sight(workflow, at)
    told: list[Happened] = []
    for how in _reads(life, data):
        workflow, at, by_time, by_state = life.read(in_detail=how == "detail")
        sight = STORED.validate_json(STORED.dump_json(sight))
        sight, news = observe(sight, workflow, at, in_detail=how == "detail")
        told += news
        assert [(one.at, one.what) for one in news if one.what in BY_TIME] == by_time
        assert sorted(one.what for one in news if one.what in BY_STATE) == sorted(by_state)
        assert {one.what for one in news} <= BY_TIME | BY_STATE | MAY_BE_TOLD
        again, nothing = observe(sight, workflow, at, in_detail=how == "detail")
        assert (again, nothing) == (sight, ())
    deeds = [one.at for one in told if one.what in TIME_OF]
    assert deeds == sorted(deeds)
    started = [one for one in told if one.what is Happening.VERIFICATION_STARTED]
    assert len({one.at for one in started}) == len(started)


def _reads(life: Life, data: st.DataObject) -> Iterator[str]:
    """Lets the workflow live on, and says when it is read and how."""
    for _ in range(data.draw(st.integers(1, 14))):
        choices = NEXT[life.state]
        if not choices:
            break
        what = data.draw(st.sampled_from(choices))
        for step in life.steps(what, data.draw(st.integers(0, 2)) if what == "verify" else 0):
            if step == "read":
                yield data.draw(st.sampled_from(["list", "detail"]))
                continue
            step()
            how = data.draw(READS)
            if how != "none":
                yield how
    yield "detail"
    yield "detail"
