"""What one read proves: every cell of the table, in words of its own, and the rules over all of them."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Workflow
from bot.subjects.verdicts import NO_VERDICT, Proof, Verdict
from bot.workflows.facts.states import State
from bot.workflows.outcome.outcomes import Sent, judge
from tests.builders import CLEAN, NOW, a_workflow
from tests.rows import each_row

BEFORE, LATER = NOW - timedelta(days=2), NOW + timedelta(seconds=30)
THE_BOT, DEV = Actor(id="token-1", display_name="workflow-bot"), Actor(id="d", display_name="Dev")

HEAD = """
pending, copying | running | verifying_data | verified_data | stopped | switching_replicas | switched_replicas
| switching_primaries | switched_primaries | reversing_traffic | reversing_traffic_for_cancel, cancelling |
cutting_over | cutover | reversed_cutover | completed | cancelled | error
"""
X = "X | "
ROWS = {
    "VERIFY_DATA from running, verified_data": ("X | N | H | N if B, else H" + " | X" * 12 + " | E"),
    "SWITCH_REPLICAS from running, verified_data": (
        "X | N | N | N | X | U | H | H | H | X | X | H | H | H | H | X | E"
    ),
    "SWITCH_PRIMARIES from running, verified_data": (
        "X | N | N | N | X | U | U, then X half done | U | H | X | X | H | H | H | H | X | E"
    ),
    "SWITCH_PRIMARIES from switched_replicas": X * 6 + "N | U | H | X | X | H | H | H | H | X | E",
    "REVERSE_TRAFFIC from switched_replicas": (
        "X | H | H | H | X | X | N | X | X | U | X | X | X | X | X | X | E"
    ),
    "REVERSE_TRAFFIC from switched_primaries": (
        "X | H | H | H | X | X | U, then X half done | X | N | U | X | X | X | X | X | X | E"
    ),
    "CUTOVER from switched_primaries": (
        X * 8 + "N | X | X | U | H | H | H | X | E: source tables may be gone"
    ),
    "REVERSE_CUTOVER from cutover": X * 12 + "N | H | X | X | E",
    "COMPLETE from cutover, reversed_cutover": X * 12 + "N if B, else X | N if B, else X | H | X | E",
    "RETRY from error, stopped": (
        "H | H | H | H | N if B, else X | H | X | H | X | H | X | H | X | X | X | X | N if B, else E"
    ),
    "CANCEL from pending, copying, running, verifying_data, verified_data, stopped, switched_replicas, "
    "switched_primaries, error": (
        "N if B, else X | " * 5 + "X | N if B, else X | X | N if B, else X | X | U | X | X | X | X | H "
        "| N if B, else E"
    ),
    # Not in the first table, by the same reasoning:
    "VERIFY_DATA from switched_replicas": X * 2 + "H | X | X | X | N" + " | X" * 9 + " | E",
    "CUTOVER from reversed_cutover": X * 11 + "U | H | N | X | X | E",
    "COMPLETE from switched_primaries": X * 8 + "N | X | X | X | X | X | H | X | E",
}

TIME = {
    WorkflowCall.VERIFY_DATA: "verify_data",
    WorkflowCall.SWITCH_REPLICAS: "switch_replicas",
    WorkflowCall.SWITCH_PRIMARIES: "switch_primaries",
    WorkflowCall.REVERSE_TRAFFIC: "reversed",
    WorkflowCall.CUTOVER: "cutover",
    WorkflowCall.REVERSE_CUTOVER: "reversed_cutover",
    WorkflowCall.COMPLETE: "completed",
    WorkflowCall.RETRY: "retried",
    WorkflowCall.CANCEL: "cancelled",
}


class Case(NamedTuple):
    """One cell, seen from one state before."""

    call: WorkflowCall
    before: str
    after: str
    cell: str
    """As above, the condition resolved."""


def same_column(one: str, other: str) -> bool:
    return any(one in column and other in column for column in columns())


def columns() -> list[list[str]]:
    return [column.strip().split(", ") for column in HEAD.replace("\n", " ").split("|")]


def resolve(cell: str, before: str, after: str) -> str:
    if "if B, else" not in cell:
        return cell
    return f"{cell[0]} if B" if same_column(before, after) else cell[-1]


def every_cell() -> list[Case]:
    cases = []
    for row, cells in ROWS.items():
        call, befores = row.split(" from ")
        for column, cell in zip(columns(), cells.split(" | "), strict=True):
            cases += [
                Case(WorkflowCall[call], before, after, resolve(cell, before, after))
                for after in column
                for before in befores.split(", ")
            ]
    return cases


CELLS = every_cell()


def fresh(call: WorkflowCall, by: Actor = THE_BOT) -> dict[str, Any]:
    """The evidence of `call`, newer than what was there before."""
    named = {f"{TIME[call]}_by": by.model_dump()}
    return named if call is WorkflowCall.REVERSE_CUTOVER else named | {f"{TIME[call]}_at": LATER}


def snapshot(state: str, **differs: Any) -> Workflow:
    """In `state`, with flags that say nothing and an old time for everything."""
    old = {f"{name}_at": BEFORE for name in TIME.values() if name != "reversed_cutover"}
    unknown = {"replicas_switched": None, "primaries_switched": None}
    return a_workflow(**{"state": state, "vdiff": CLEAN} | old | unknown | differs)


def pair(case: Case, **differs: Any) -> tuple[Sent, Workflow]:
    return Sent(case.call, snapshot(case.before), THE_BOT), snapshot(case.after, **differs)


def test_the_table_is_complete() -> None:
    """There is a cell for every state that PlanetScale has."""
    assert sorted(state for column in columns() for state in column) == sorted(State)
    assert {case.call for case in CELLS} == set(WorkflowCall)


IDS = [f"{case.call.name}-{case.before}-{case.after}" for case in CELLS]


@each_row("case", CELLS, ids=IDS)
def test_a_state_with_the_evidence_as_it_was(case: Case) -> None:
    """Each state proves exactly what the table says as long as no evidence field changed."""
    expected = {
        "H": Verdict(Proof.HAPPENED),
        "U": Verdict(Proof.UNDER_WAY),
        "U, then X half done": Verdict(Proof.UNDER_WAY, half_done=True),
        "N": Verdict(Proof.NOT_SEEN),
        "N if B": Verdict(Proof.NOT_SEEN),
        "X": Verdict(Proof.CONFLICT),
        "E": Verdict(Proof.CONFLICT),
        "E: source tables may be gone": Verdict(Proof.CONFLICT, tables_may_be_gone=True),
    }
    sent, after = pair(case)
    assert judge(sent, after) == expected[case.cell]


@each_row("case", CELLS, ids=IDS)
def test_a_state_with_changed_evidence(case: Case) -> None:
    """A changed evidence field is never "not seen to happen"; where the state says nothing, it decides."""
    once_started = case.call in {WorkflowCall.VERIFY_DATA, WorkflowCall.RETRY}
    taken = Verdict(Proof.TAKEN, tables_may_be_gone=case.call is WorkflowCall.CUTOVER)
    since_changed = Verdict(Proof.HAPPENED, since_changed=True)
    as_before = since_changed if once_started else taken
    expected = {
        "H": Verdict(Proof.HAPPENED),
        "U": Verdict(Proof.UNDER_WAY),
        "U, then X half done": Verdict(Proof.UNDER_WAY, half_done=True),
        "N": as_before,
        "N if B": as_before,
        "X": since_changed,
        "E": Verdict(Proof.FAILED),
        "E: source tables may be gone": Verdict(Proof.FAILED, tables_may_be_gone=True),
    }
    if case.cell == "N if B" and case.after == "verified_data" and once_started:
        expected["N if B"] = Verdict(Proof.HAPPENED)
    if case.cell == "N if B" and case.after == "error":
        expected["N if B"] = Verdict(Proof.FAILED)
    sent, after = pair(case, **fresh(case.call))
    assert judge(sent, after) == expected[case.cell]


@each_row("case", CELLS, ids=IDS)
def test_what_somebody_else_did_is_told_as_theirs(case: Case) -> None:
    """Where PlanetScale names another account beside new evidence, the outcome carries that name."""
    sent, after = pair(case, **fresh(case.call, DEV))
    verdict = judge(sent, after)
    assert verdict.done_by == "Dev"
    if verdict.proof is Proof.HAPPENED:
        assert (verdict.remark or "").startswith("in place, done by Dev")


@each_row("call", WorkflowCall)
@each_row("before", State)
def test_a_read_that_failed_gives_no_verdict(call: WorkflowCall, before: State) -> None:
    """A 404, a 5xx, HTML or no answer proves nothing: not even a cancel that a missing workflow suggests."""
    assert judge(Sent(call, snapshot(before)), None) is NO_VERDICT


@pytest.mark.parametrize("call", WorkflowCall)
def test_an_unknown_state_gives_no_verdict(call: WorkflowCall) -> None:
    """A state that the bot does not know is never taken for an outcome, whatever the evidence says."""
    assert judge(Sent(call, snapshot("running")), snapshot("resharding", **fresh(call))) is NO_VERDICT


def test_updated_at_proves_nothing() -> None:
    """A workflow that was merely updated is one that did not change."""
    sent = Sent(WorkflowCall.SWITCH_REPLICAS, snapshot("running", updated_at=BEFORE))
    assert judge(sent, snapshot("running", updated_at=LATER)).proof is Proof.NOT_SEEN


@pytest.mark.parametrize("at", [BEFORE, BEFORE + timedelta(milliseconds=1)])
def test_times_are_compared_with_the_snapshot_only(at: Any) -> None:
    """An evidence time counts as new when it is later than the one before, however old it is."""
    sent = Sent(WorkflowCall.SWITCH_PRIMARIES, snapshot("running"))
    after = snapshot("error", switch_primaries_at=at)
    assert judge(sent, after).proof is (Proof.CONFLICT if at == BEFORE else Proof.FAILED)


def test_evidence_that_is_gone_is_strange() -> None:
    """A time that vanished or went back is neither "not seen" nor proof that anything was taken."""
    sent = Sent(WorkflowCall.SWITCH_PRIMARIES, snapshot("running"))
    for at in (None, BEFORE - timedelta(days=1)):
        assert judge(sent, snapshot("running", switch_primaries_at=at)) == Verdict(Proof.CONFLICT)


@pytest.mark.parametrize(
    ("call", "before", "flags", "after", "reached"),
    [
        ("SWITCH_REPLICAS", "running", "no no", "stopped", "yes no"),
        ("SWITCH_PRIMARIES", "running", "no no", "stopped", "yes yes"),
        ("REVERSE_TRAFFIC", "switched_primaries", "yes yes", "stopped", "no no"),
    ],
)
def test_a_target_flag_is_evidence(call: str, before: str, flags: str, after: str, reached: str) -> None:
    """A flag that took the action's value proves it where the state cannot, in error and in other states."""

    def flagged(state: str, words: str) -> Workflow:
        replicas, primaries = (word == "yes" for word in words.split())
        return snapshot(state, replicas_switched=replicas, primaries_switched=primaries)

    sent = Sent(WorkflowCall[call], flagged(before, flags))
    assert judge(sent, flagged("error", reached)).proof is Proof.FAILED
    assert judge(sent, flagged(after, reached)) == Verdict(Proof.HAPPENED, since_changed=True)
    assert judge(sent, flagged(before, reached)) == Verdict(Proof.UNDER_WAY, half_done=True)
    assert judge(sent, flagged("error", flags)).proof is Proof.CONFLICT


def test_a_flag_that_was_not_reported_before_proves_nothing() -> None:
    """Only a flag that was reported before, with the other value, can have been changed."""
    sent = Sent(WorkflowCall.SWITCH_REPLICAS, snapshot("running"))
    assert judge(sent, snapshot("error", replicas_switched=True)).proof is Proof.CONFLICT


def test_a_switch_that_somebody_reversed_was_in_place() -> None:
    """Back where it was with a newer time of reversing is "in place, since changed", not "went back"."""
    sent = Sent(WorkflowCall.SWITCH_REPLICAS, snapshot("running"))
    after = snapshot("running", switch_replicas_at=LATER, reversed_at=LATER + timedelta(seconds=9))
    assert judge(sent, after).remark == "in place, since changed"


@pytest.mark.parametrize(
    ("after", "taken_along"),
    [
        ({"switch_replicas_at": LATER}, False),
        ({"switch_replicas_at": LATER, "switch_primaries_at": LATER + timedelta(seconds=9)}, False),
        ({"switch_replicas_at": LATER, "switch_primaries_at": LATER}, True),
        ({"switch_replicas_at": LATER + timedelta(seconds=9), "switch_primaries_at": LATER}, True),
        ({"switch_replicas_at": None, "switch_primaries_at": LATER}, True),
        ({"switch_primaries_at": LATER}, True),
    ],
)
def test_replica_reads_that_moved_with_the_primaries(after: dict[str, Any], taken_along: bool) -> None:
    """After a switch of primaries, only an earlier time of their own shows that replica reads moved alone."""
    sent = Sent(WorkflowCall.SWITCH_REPLICAS, snapshot("running"))
    verdict = judge(sent, snapshot("switched_primaries", **after))
    assert verdict == Verdict(Proof.HAPPENED, taken_along=taken_along)


@pytest.mark.parametrize("differs", [{"switch_primaries_at": LATER}, {"replicas_switched": False}])
def test_replica_reads_while_somebody_moves_primaries(differs: dict[str, Any]) -> None:
    """What may just be moving with the primaries is not "in place" before it is."""
    sent = Sent(WorkflowCall.SWITCH_REPLICAS, snapshot("running"))
    assert judge(sent, snapshot("switching_primaries", **differs)) == NO_VERDICT


@pytest.mark.parametrize(
    ("before", "after", "proof"),
    [
        ({"vdiff": CLEAN}, {"vdiff": CLEAN | {"id": "v2"}}, Proof.HAPPENED),
        ({"vdiff": None}, {"vdiff": CLEAN}, Proof.NOT_SEEN),
        ({"vdiff": None, "verify_data_at": None}, {"vdiff": CLEAN, "verify_data_at": None}, Proof.HAPPENED),
        ({"vdiff": CLEAN}, {"vdiff": None}, Proof.NOT_SEEN),
    ],
)
def test_another_report_is_evidence_of_a_verification(
    before: dict[str, Any], after: dict[str, Any], proof: Proof
) -> None:
    """Another report's id proves a verification; a report that one read just left out proves nothing."""
    sent = Sent(WorkflowCall.VERIFY_DATA, snapshot("verified_data", **before))
    assert judge(sent, snapshot("verified_data", **after)).proof is proof


def test_an_old_name_beside_old_evidence_is_nobodys() -> None:
    """Who did the same thing earlier is not named for what happened now."""
    sent = Sent(WorkflowCall.SWITCH_REPLICAS, snapshot("running", switch_replicas_by=DEV), THE_BOT)
    assert judge(sent, snapshot("switched_replicas", switch_replicas_by=DEV)).done_by is None


@pytest.mark.parametrize(
    ("own", "theirs", "named"),
    [
        (THE_BOT, Actor(id="token-1", display_name="renamed"), None),
        (THE_BOT, Actor(id="x", display_name="workflow-bot"), None),
        (Actor(display_name="workflow-bot"), Actor(display_name="workflow-bot"), None),
        (Actor(display_name="workflow-bot"), Actor(display_name="Dev"), "Dev"),
        (Actor(id="token-1"), Actor(id="x", display_name="Dev"), "Dev"),
        (Actor(display_name="workflow-bot"), Actor(id="x", display_name="Dev"), "Dev"),
        (THE_BOT, Actor(id="x"), "somebody else"),
        (THE_BOT, Actor(display_name=None), None),
        (None, DEV, None),
    ],
)
def test_who_is_somebody_else(own: Actor | None, theirs: Actor, named: str | None) -> None:
    """Accounts are told apart by id and name; where these cannot be compared, or one is shared, nobody is."""
    sent = Sent(WorkflowCall.CANCEL, snapshot("running"), own)
    assert judge(sent, snapshot("cancelled", **fresh(WorkflowCall.CANCEL, theirs))).done_by == named


def test_from_a_state_without_a_row_only_unchanged_can_be_told() -> None:
    """An action sent from an unexpected state is "not seen" while nothing changed, else a person's."""
    sent = Sent(WorkflowCall.CUTOVER, snapshot("stopped"))
    assert judge(sent, snapshot("stopped")).proof is Proof.NOT_SEEN
    assert judge(sent, snapshot("cutover")).proof is Proof.CONFLICT
    assert judge(sent, snapshot("error")).proof is Proof.CONFLICT
    assert judge(Sent(WorkflowCall.CUTOVER, snapshot("new")), snapshot("error")).proof is Proof.CONFLICT


states = st.sampled_from(State) | st.text(max_size=8)
moments = st.none() | st.sampled_from([BEFORE, NOW, LATER])
flags = st.none() | st.booleans()
actors = st.none() | st.sampled_from([THE_BOT, DEV, Actor()])


@st.composite
def any_workflow(draw: st.DrawFn) -> Workflow:
    times = {f"{name}_at": draw(moments) for name in TIME.values() if name != "reversed_cutover"}
    people = {f"{name}_by": draw(actors) for name in TIME.values()}
    switched = {"replicas_switched": draw(flags), "primaries_switched": draw(flags)}
    vdiff = draw(st.sampled_from([None, CLEAN, CLEAN | {"id": "v2"}]))
    return a_workflow(state=draw(states), vdiff=vdiff, **times, **people, **switched)


@settings(deadline=None)
@given(st.sampled_from(WorkflowCall), any_workflow(), any_workflow(), actors)
def test_over_every_cell(call: WorkflowCall, before: Workflow, after: Workflow, own: Actor | None) -> None:
    """Changed evidence is never "not seen", a lost read no outcome, and the same read proves the same."""
    sent = Sent(call, before, own)
    verdict = judge(sent, after)
    assert judge(sent, after) == verdict
    if call is not WorkflowCall.REVERSE_CUTOVER:
        field = f"{TIME[call]}_at"
        if getattr(before, field) != getattr(after, field):
            assert verdict.proof is not Proof.NOT_SEEN
    if verdict.proof is Proof.FAILED:
        assert after.state == State.ERROR
    if call is WorkflowCall.CANCEL and verdict == Verdict(Proof.HAPPENED):
        assert after.state == State.CANCELLED
    if after.state not in set(State):
        assert verdict is NO_VERDICT
    assert judge(sent, None) is NO_VERDICT
