from typing import Any

import pytest

from bot.commands.model import Command
from bot.commands.parser import parse
from bot.workflows.facts.kind import WorkflowKind, source_would_tell
from bot.workflows.facts.states import State
from bot.workflows.guidance import guidance
from tests.builders import CLEAN, NOW, REF, a_workflow

SWITCHED = {"state": "switched_primaries", "replicas_switched": True, "primaries_switched": True}


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
        ({"state": "error"}, "/workflow retry shop 3", None),
        ({"state": "error", "may_retry": False, "may_restart": False}, None, None),
        ({"state": "error", "may_retry": True, "replicas_switched": True}, None, None),
        ({"state": "error", "may_retry": True, "switch_primaries_at": NOW}, None, None),
        (
            {"state": "switched_replicas", "replicas_switched": True},
            "/workflow switch-traffic shop 3",
            "/workflow reverse-traffic shop 3",
        ),
        (
            SWITCHED | {"workflow_subtype": "move_tables"},
            "/workflow cutover shop 3",
            "/workflow reverse-traffic shop 3",
        ),
        (SWITCHED | {"replicas_switched": False}, None, "/workflow reverse-traffic shop 3"),
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


def test_a_cutover_is_offered_with_what_it_deletes_and_needs() -> None:
    """Who is offered the cutover reads first which tables it deletes, and what has to be done before."""
    found = guidance(REF, a_workflow(**SWITCHED), NOW, WorkflowKind.MOVE)
    assert found.next_command == "/workflow cutover shop 3"
    assert found.first == (
        "⛔ cutover deletes orders and line_items from commerce, for good.",
        "Before the cutover: the application stops naming commerce, and require_explicit_routing is out of "
        "customer's VSchema.",
    )


def test_no_end_is_offered_while_the_kind_is_not_known() -> None:
    """Where nobody knows whether it is a move or an import, both are explained and neither is offered."""
    found = guidance(REF, a_workflow(**SWITCHED), NOW, WorkflowKind.UNKNOWN)
    assert found.next_command is None
    assert found.back_command == "/workflow reverse-traffic shop 3"
    assert found.first == (
        "⛔ Is it a move? cutover deletes orders and line_items from commerce, for good.",
        "Is it an import? It ends with complete, not with a cutover.",
    )


def test_the_source_keyspace_makes_it_an_import() -> None:
    """An import that only its source keyspace shows ends with `complete`, which is said to be final."""
    found = guidance(REF, a_workflow(**SWITCHED), NOW, WorkflowKind.IMPORT)
    assert found.next_command == "/workflow complete shop 3"
    assert found.first[0].endswith("It cannot be opened again.")


@pytest.mark.parametrize("differs", [{}, {"state": "switched_replicas", "replicas_switched": True}])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (WorkflowKind.MOVE, ()),
        (
            WorkflowKind.IMPORT,
            (
                "⚠️ The application must be connected to PlanetScale already. "
                "If it still writes to the external database, the two diverge and data is lost.",
            ),
        ),
        (
            WorkflowKind.UNKNOWN,
            (
                "❓ Whether this is an import is not known. "
                "If it is, the application must be connected to PlanetScale already.",
            ),
        ),
    ],
)
def test_before_a_switch_of_an_import_the_application_is_connected(
    differs: dict[str, Any], kind: WorkflowKind, said: tuple[str, ...]
) -> None:
    """Whoever is offered a switch of what is or may be an import reads what it needs first."""
    assert guidance(REF, a_workflow(**differs), NOW, kind).first == said


@pytest.mark.parametrize("errors", ["DDL encountered", "stopped by a schema change"])
def test_after_a_schema_change_the_schemas_are_compared(errors: str) -> None:
    """What a schema change stopped is retried only after its tables were compared."""
    found = guidance(REF, a_workflow(state="stopped", workflow_errors=errors), NOW)
    assert found.next == "compare orders and line_items in commerce and customer, then retry:"


@pytest.mark.parametrize("state", ["stopped", "error"])
@pytest.mark.parametrize(
    ("may_retry", "begins"), [(True, "PlanetScale allows a retry. It "), (None, "On a retry it ")]
)
def test_a_retry_promises_nothing(state: str, may_retry: bool | None, begins: str) -> None:
    """Whether a retry continues or starts over is not known, and that is said before it is offered."""
    found = guidance(REF, a_workflow(state=state, may_retry=may_retry), NOW)
    assert found.first == (f"{begins}continues or starts over; which one is not known beforehand.",)
    assert found.next_command == "/workflow retry shop 3"


@pytest.mark.parametrize(
    ("differs", "would_tell"),
    [
        ({}, True),
        ({"state": "switched_primaries"}, True),
        ({"state": "copying"}, False),
        ({"state": "cutover"}, False),
        ({"state": "completed"}, False),
        ({"state": "resharding"}, False),
        ({"workflow_subtype": "import"}, False),
        ({"branch": None}, False),
        ({"source_keyspace": None}, False),
    ],
)
def test_the_source_keyspace_is_asked_only_where_it_matters(
    differs: dict[str, Any], would_tell: bool
) -> None:
    """The kind is looked up from the complete copy until the cutover, unless the workflow says it itself."""
    assert source_would_tell(a_workflow(**differs)) is would_tell
