"""Stories for the cards' tests: the example of shop #3 at any stage, and what a person reads of a message."""

from datetime import datetime, timedelta
from typing import Any

from bot.approvals.terms import Gate
from bot.commands.model import ActionName
from bot.demo.slack import reading
from bot.demo.slack.blockkit import message_problems
from bot.demo.slack.model import Person
from bot.demo.slack.present import Presenter
from bot.demo.slack.words import Words
from bot.operations.model import Decided, DecisionKind, Operation, Outcome, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import Message
from bot.subjects.findings import Finding, Report, passed
from bot.workflows.actions.registry import of_call
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import stamp
from tests.builders import NOW, a_workflow, copying

PEOPLE = {"U0ANA": "Ana", "U0BEN": "Ben", "U0CHI": "Chioma", "U0DEV": "Dev"}
NAMES = PEOPLE | {"S0DBAS": "dbas"}
DIGEST = "0123456789abcdef" * 4

ACTIONS = {
    WorkflowCall.SWITCH_REPLICAS: ActionName.SWITCH_TRAFFIC,
    WorkflowCall.SWITCH_PRIMARIES: ActionName.SWITCH_TRAFFIC,
    WorkflowCall.CUTOVER: ActionName.CUTOVER,
    WorkflowCall.COMPLETE: ActionName.COMPLETE,
    WorkflowCall.CANCEL: ActionName.CANCEL,
    WorkflowCall.REVERSE_TRAFFIC: ActionName.REVERSE_TRAFFIC,
    WorkflowCall.REVERSE_CUTOVER: ActionName.REVERSE_CUTOVER,
    WorkflowCall.RETRY: ActionName.RETRY,
    WorkflowCall.VERIFY_DATA: ActionName.VERIFY_DATA,
}


def at(minutes: float = 0, seconds: float = 0) -> datetime:
    """So long after 02:00."""
    return NOW.replace(minute=0) + timedelta(minutes=minutes, seconds=seconds)


def report(*findings: Finding, passes: int = 8, highlight: str | None = None) -> Report:
    """So many passed checks, the last of them with a highlight, and whatever else was found."""
    fine = [passed(f"check-{number}", f"Check {number} is fine") for number in range(1, passes)]
    return Report((*findings, *fine, passed("last", "The last one is fine", highlight)))


def an_operation(call: WorkflowCall | None, seen: Workflow | None, state: State, **differs: Any) -> Operation:
    """Ana's request, asked at 02:14 and open until 02:44; others decide."""
    usual: dict[str, Any] = {
        "id": "op1",
        "organization": "acme",
        "database": "shop",
        "number": seen.number if seen else None,
        "workflow_name": seen.name if seen else None,
        "branch": "main",
        "action": of_call(call),
        "requester": "U0ANA",
        "team_id": "T0",
        "channel": "C0DB",
        "state": state,
        "gate": Gate.PEER,
        "required": 1,
        "digest": DIGEST,
        "seen": seen,
        "report": report(highlight=f"verified clean at {stamp(at(12) - timedelta(hours=2))}"),
        "checked_at": NOW,
        "asked_at": NOW,
        "expires_at": at(44),
        "names": PEOPLE,
    }
    given = usual | differs
    number = given.pop("number")
    ref = None if number is None else WorkflowRef(given["organization"], given["database"], number)
    return Operation(**given, ref=ref)


def a_story(operation: Operation, *decisions: Decided, **differs: Any) -> Story:
    """The operation and what people decided, in a move of tables."""
    usual: dict[str, Any] = {"operation": operation, "decisions": decisions, "kind": WorkflowKind.MOVE}
    return Story(**usual | differs)


def approved(user: str = "U0BEN", minutes: float = 16) -> Decided:
    return Decided(user, DecisionKind.APPROVE, at(minutes))


def denied(reason: str | None = None) -> Decided:
    return Decided("U0BEN", DecisionKind.DENY, at(19), reason)


SENT: dict[str, Any] = {"approved_at": at(20), "execute_by": at(25), "sent_at": at(20, 5)}
"""Approved, and sent at 02:20:05."""


def read_back(latest: Workflow | None, seconds: float = 41, **more: Any) -> Outcome:
    """What was read so many seconds after 02:20."""
    return Outcome(latest=latest, read_at=at(20, seconds), **more)


def _presenter() -> Presenter:
    people = {user: Person(id=user, name=name) for user, name in NAMES.items()}
    return Presenter(Words(people, {}, {"S0DBAS": ("dbas", [])}, NOW))


def lines(message: Message) -> list[str]:
    """What a person reads, line by line: buttons as `[Label]`, a thin line as `—`; times in UTC."""
    assert message_problems(list(message.blocks)) == []
    return list(reading.lines(_presenter().blocks(message.blocks)))


def texts(message: Message) -> list[str]:
    """The lines of text: without buttons, thin lines and the line in small letters."""
    kept = [block for block in message.blocks if block["type"] in {"header", "rich_text"}]
    return list(reading.lines(_presenter().blocks(kept)))


def elements(message: Message) -> list[dict[str, Any]]:
    """What can be pressed."""
    return [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def button(message: Message, label: str) -> dict[str, Any]:
    """The button with that label."""
    return next(one for one in elements(message) if one["text"]["text"] == label)


COPIED = a_workflow()
REPLICAS_MOVED = a_workflow(
    state="switched_replicas", replicas_switched=True, switch_replicas_at="2026-11-22T23:40:00Z"
)
PRIMARIES_MOVED = a_workflow(
    state="switched_primaries",
    replicas_switched=True,
    primaries_switched=True,
    switch_replicas_at="2026-11-21T23:40:00Z",
    switch_primaries_at="2026-11-22T00:14:00Z",
)
CUT_OVER = a_workflow(
    state="cutover",
    created_at="2026-11-20T16:02:00Z",
    started_at="2026-11-20T16:02:00Z",
    data_copy_completed_at="2026-11-20T22:04:00Z",
    replicas_switched=True,
    primaries_switched=True,
    switch_primaries_at="2026-11-21T00:14:00Z",
    cutover_at="2026-11-22T00:20:00Z",
)
RULES_BACK = CUT_OVER.model_copy(update={"state": "reversed_cutover"})
COPYING = copying(
    {"name": "orders", "rows_copied": 380_000_000, "rows_total": 620_000_000},
    {"name": "line_items", "rows_copied": 32_000_000, "rows_total": 390_000_000},
    started_at="2026-11-22T20:04:00Z",
)


def now_in(workflow: Workflow, state: str, **more: Any) -> Workflow:
    """The workflow in another state."""
    return workflow.model_copy(update={"state": state, **more})
