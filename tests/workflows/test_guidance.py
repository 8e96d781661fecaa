from typing import Any

import pytest

from bot.commands.model import Command
from bot.commands.parser import parse
from bot.workflows.guidance import guidance
from bot.workflows.states import State
from tests.builders import CLEAN, NOW, REF, a_workflow


@pytest.mark.parametrize(
    ("differs", "next_command", "back_command"),
    [
        ({}, "/workflow switch-traffic shop 3 --replicas-only", None),
        ({"vdiff": None, "verify_data_at": None}, "/workflow verify-data shop 3", None),
        ({"verified_data_stale": True}, "/workflow verify-data shop 3", None),
        ({"vdiff": CLEAN | {"has_mismatch": True}}, "/workflow verify-data shop 3", None),
        ({"state": "copying"}, None, None),
        ({"state": "stopped"}, "/workflow retry shop 3", None),
        ({"state": "error", "may_retry": True}, "/workflow retry shop 3", None),
        ({"state": "error", "may_restart": True}, "/workflow retry shop 3", None),
        ({"state": "error"}, None, None),
        ({"state": "error", "may_retry": True, "replicas_switched": True}, None, None),
        (
            {"state": "switched_replicas", "replicas_switched": True},
            "/workflow switch-traffic shop 3",
            "/workflow reverse-traffic shop 3",
        ),
        (
            {"state": "switched_primaries", "primaries_switched": True},
            "/workflow cutover shop 3",
            "/workflow reverse-traffic shop 3",
        ),
        (
            {"state": "switched_primaries", "workflow_subtype": "import"},
            "/workflow complete shop 3",
            "/workflow reverse-traffic shop 3",
        ),
        ({"state": "cutover"}, "/workflow complete shop 3", "/workflow reverse-cutover shop 3"),
        ({"state": "reversed_cutover"}, "/workflow cutover shop 3", None),
        ({"state": "switching_primaries"}, None, None),
        ({"state": "completed"}, None, None),
        ({"state": "resharding"}, None, None),
    ],
)
def test_the_next_sensible_step(
    differs: dict[str, Any], next_command: str | None, back_command: str | None
) -> None:
    """The step on offer is the one a careful operator would take from there; an import has no cutover."""
    found = guidance(REF, a_workflow(**differs), NOW)
    assert (found.next_command, found.back_command) == (next_command, back_command)


@pytest.mark.parametrize("state", list(State))
def test_every_command_that_is_offered_can_be_typed(state: State) -> None:
    """What the bot tells people to type, the bot understands."""
    found = guidance(REF, a_workflow(state=state.value, may_retry=True), NOW)
    for command in filter(None, (found.next_command, found.back_command)):
        assert isinstance(parse(command), Command), command
