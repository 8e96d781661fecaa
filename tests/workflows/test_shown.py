"""What of a workflow belongs to what people decide about."""

import pytest

from bot.workflows.facts.states import State
from bot.workflows.shown import shown, stage_of
from tests.builders import a_workflow


def test_a_finished_verification_keeps_the_approvals() -> None:
    """`running` becoming `verified_data` (or the other way round) does not make a card out of date."""
    before, after = (shown(a_workflow(state=state), 3, "main") for state in ("running", "verified_data"))
    assert before == after


def test_what_is_not_there_is_said_to_be_nothing() -> None:
    """A workflow that is not there yet has every fact, and each says so."""
    there, not_there = shown(a_workflow(), 3, "main"), shown(None, None, "main")
    assert there.keys() == not_there.keys()
    assert {name for name, value in not_there.items() if value is not None} == {"branch"}


@pytest.mark.parametrize("state", [*State, "a_new_state", "copied"])
@pytest.mark.parametrize("switched", [(False, False), (None, None), (True, False), (False, True)])
def test_only_copied_states_share_a_stage(state: str, switched: tuple[bool | None, bool | None]) -> None:
    """All states but running and verified (with nothing switched) are a stage of their own."""
    stage = stage_of(state, replicas_switched=switched[0], primaries_switched=switched[1])
    shared = state in {"running", "verified_data"} and True not in switched
    assert (stage != state) is shared
    assert stage not in {*State, "a_new_state", "copied"} - {state}
