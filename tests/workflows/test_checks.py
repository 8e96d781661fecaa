"""Every check of every action on a workflow: when it speaks, in which words, and when it does not."""

from datetime import timedelta
from typing import Any

import pytest

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Keyspace
from bot.workflows.checks.check_run import run_checks
from bot.workflows.checks.facts import Facts, RequestStage
from tests.builders import CLEAN, NOW, a_workflow
from tests.rows import each_row
from tests.workflows.checking import COMMERCE, FINE, as_read, facts, found, sentences, unread
from tests.workflows.rows.deleting import CANCELS, COMPLETES, CUTOVERS
from tests.workflows.rows.every_action import EVERY_ACTION
from tests.workflows.rows.others import THE_OTHERS
from tests.workflows.rows.row import (
    ALL,
    CANCEL,
    COMPLETE,
    CUTOVER,
    IMPORT,
    INFO,
    PRIMARIES,
    REPLICAS,
    RESTORE,
    RESTORED,
    REVERSE,
    Row,
    ago,
    request,
    stream,
)
from tests.workflows.rows.switching import SWITCH

CASES = [
    (call, case)
    for case in (*EVERY_ACTION, *SWITCH, *CUTOVERS, *COMPLETES, *CANCELS, *THE_OTHERS)
    for call in case.calls
]


@each_row(("call", "case"), CASES)
def test_a_check(call: WorkflowCall, case: Row) -> None:
    """Each finding has exactly these words and this weight in its situation, and is gone when all is well.

    None tells an age, which would be wrong a minute later.
    """
    unreadable = case.around == {"unread": True}
    about = unread(call) if unreadable else facts(call, case.workflow, **case.around)
    finding = found(about, case.sentence)
    assert finding is not None
    assert finding.level is case.level
    assert not [one.sentence for one in run_checks(about).findings if " ago" in one.sentence]
    if case.passes is not None:
        passing = _fine_for(call, case.workflow)
        assert found(passing, case.sentence) is None
        assert found(passing, case.passes) is not None
        assert found(about, case.passes) is None


def _fine_for(call: WorkflowCall, workflow: dict[str, Any]) -> Facts:
    """Where everything passes; for an import's own sentence, the import that may be completed."""
    if call is COMPLETE and "workflow_subtype" in workflow:
        return facts(call, IMPORT | {"state": "switched_primaries"})
    return facts(call)


@pytest.mark.parametrize("call", WorkflowCall)
def test_when_all_is_well(call: WorkflowCall) -> None:
    """In a healthy situation no action is warned about or blocked."""
    report = run_checks(facts(call))
    assert report.blocks == ()
    assert report.warnings == ()
    assert len(report.passes) >= 5


@pytest.mark.parametrize(
    ("call", "highlights"),
    [
        (REPLICAS, ("verified clean at 00:12 UTC",)),
        (PRIMARIES, ("verified clean at 00:12 UTC",)),
        (
            CUTOVER,
            ("writes on customer since Sun 00:14 UTC", "customer's VSchema has no require_explicit_routing"),
        ),
        (COMPLETE, ("cut over at Sun 00:14 UTC, routing rules never had to be restored",)),
        (CANCEL, ("no traffic is on customer",)),
    ],
)
def test_what_matters_most(call: WorkflowCall, highlights: tuple[str, ...]) -> None:
    """The card's line of passed checks names the ones that matter most."""
    assert tuple(map(as_read, run_checks(facts(call)).highlights)) == highlights


@pytest.mark.parametrize("call", [CUTOVER, COMPLETE])
@pytest.mark.parametrize(
    "trouble",
    [
        stream(state="Error", info="x"),
        stream(state="Stopped"),
        stream(component_throttled="x", component_throttled_at=ago(seconds=1)),
        {"verified_data_stale": True},
        {"vdiff": None},
        {"vdiff": CLEAN | {"state": "error"}},
    ],
)
def test_paused_on_purpose(call: WorkflowCall, trouble: dict[str, Any]) -> None:
    """Neither streams nor the age of the verification turn a cutover's or a complete's card amber."""
    assert run_checks(facts(call, trouble)).findings == run_checks(facts(call)).findings


def test_cutting_over_again() -> None:
    """Once the routing rules were restored nothing is left to delete: no soak, no backup, no tables."""
    again = facts(CUTOVER, RESTORED | {"tables": None, "switch_primaries_at": ago(minutes=5)}, backups=())
    assert run_checks(again).warnings == run_checks(again).blocks == ()


def test_tables_from_the_bots_own_create() -> None:
    """Tables that PlanetScale does not list are named from the bot's own create."""
    known = facts(CUTOVER, {"tables": None}, known_tables=("orders",))
    assert found(known, "The tables are named: orders") is not None


def test_an_import_is_completed_without_a_cutover() -> None:
    """An import's complete is allowed once writes are on PlanetScale, and says since when."""
    report = run_checks(facts(COMPLETE, IMPORT | {"state": "switched_primaries", "cutover_at": None}))
    assert report.blocks == ()
    assert [as_read(one) for one in report.highlights] == ["writes on PlanetScale since Sun 00:14 UTC"]


@pytest.mark.parametrize(
    ("call", "last_known", "sentence"),
    [
        (REVERSE, FINE[REVERSE], "last known at 02:04 UTC: customer serves writes."),
        (REVERSE, FINE[PRIMARIES], "last known at 02:04 UTC: customer serves replica reads."),
        (RESTORE, FINE[RESTORE], "last known at 02:04 UTC: customer serves writes."),
    ],
)
def test_going_back_while_nothing_can_be_read(
    call: WorkflowCall, last_known: dict[str, Any], sentence: str
) -> None:
    """The way back stays open on the last known state, but not while another outcome is unknown."""
    known = {"last_known": a_workflow(**last_known), "last_known_at": NOW - timedelta(minutes=10)}
    report = run_checks(unread(call, **known))
    assert report.blocks == ()
    assert f"PlanetScale could not be read; {sentence}" in sentences(report, INFO)
    unknown = (request(CUTOVER, RequestStage.UNKNOWN, "Ben"),)
    assert run_checks(unread(call, **known, others=unknown)).blocks != ()


@pytest.mark.parametrize("call", [call for call in ALL if call not in {REVERSE, RESTORE}])
def test_only_the_way_back_goes_by_what_was_known(call: WorkflowCall) -> None:
    """Nothing but the way back is sent on an old snapshot."""
    known = {"last_known": a_workflow(**FINE[call]), "last_known_at": NOW}
    assert run_checks(unread(call, **known)).blocks != ()


def test_a_keyspace_that_says_little() -> None:
    """A keyspace of which PlanetScale does not say whether it is sharded is reported as unread."""
    vague = (COMMERCE, Keyspace(name="customer"))
    assert found(facts(PRIMARIES, keyspaces=vague), "Whether customer is sharded could not be read.")
