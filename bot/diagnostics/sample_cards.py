"""Whether Slack would take the bot's messages and windows: a sample of each, offered to `blocks.validate`.

Nobody sees them: the method posts nothing. What it does not tell, or does not know, is no fault.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.terms import Gate
from bot.commands.help import help_page
from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, not_tried, problem
from bot.operations.model import Decided, DecisionKind, Operation, Outcome, State, Story
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.help_answers import help_card
from bot.slack.cards.answers.home_page import HomePage, home_view
from bot.slack.cards.answers.what_is_this import explanation
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.forms.modals import deny_reason_view
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.operation.lists import details
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.workflow.listing import list_card
from bot.slack.cards.workflow.show import show_card
from bot.slack.errors import SLACK_FAILURES, kind_of
from bot.subjects.findings import Report, passed
from bot.watch.model import Origin, Watch
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import ACTIONS
from bot.workflows.entries import Entry
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.observed_state import ObservedState

_REFUSED: Final = frozenset({"invalid_blocks", "invalid_message", "invalid_view"})
_REF: Final = WorkflowRef("sample", "sample", 1)
_TABLES: Final = [{"name": f"table_{number}", "rows_copied": 10, "rows_total": 10} for number in range(1, 4)]
_WORKFLOW: Final = Workflow.model_validate(
    {
        "id": "sample",
        "number": _REF.number,
        "name": "a-sample",
        "state": "running",
        "created_at": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-01T00:00:00Z",
        "data_copy_completed_at": "2026-01-01T06:00:00Z",
        "replicas_switched": False,
        "primaries_switched": False,
        "branch": {"id": "sample", "name": "main"},
        "source_keyspace": {"id": "sample", "name": "source"},
        "target_keyspace": {"id": "sample2", "name": "target"},
        "tables": _TABLES,
    }
)
_SOMEBODY: Final = "U0SAMPLE"
_BODY: Final = {
    "name": _WORKFLOW.name,
    "branch_name": "main",
    "source_keyspace": "source",
    "target_keyspace": "target",
    "tables": [table["name"] for table in _TABLES],
    "on_ddl": "STOP",
}
Offered = tuple[str, str, Mapping[str, Any]]
"""What it is, as which argument it is offered, and its payload."""


async def cards(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """One line, and one for each sample that Slack refuses."""
    found: list[DiagnosticFinding] = []
    count = 0
    for what, kind, payload in samples(subject.clock.now()):
        try:
            said = await _refusal(subject.slack, kind, payload)
        except SLACK_FAILURES as error:
            why = f"Slack did not say whether it takes the bot's messages: blocks.validate, {kind_of(error)}"
            return [*found, not_tried(f"{why}.")]
        if said is not None:
            found.append(
                problem(f"Slack refuses a sample: {said}. Update the bot, or report it.", about=what)
            )
        count += 1
    return found or [good(f"Slack takes a sample of each message and window ({count})")]


async def _refusal(client: AsyncWebClient, kind: str, payload: Mapping[str, Any]) -> str | None:
    """Why Slack would not take it. Raises what of `SLACK_FAILURES` is no answer to that."""
    try:
        await client.api_call("blocks.validate", data={kind: json.dumps(payload)})
    except SlackApiError as error:
        answer = error.response
        if answer.get("error") not in _REFUSED:
            raise
        errors = answer.get("errors") or [{}]
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], Mapping) else {}
        return f"{first.get('message') or answer.get('error')} at {first.get('pointer') or '/'}"
    return None


def samples(now: datetime) -> Iterator[Offered]:
    """A message or window of each kind. They say nothing of anybody."""
    for action in ACTIONS:
        waiting = _story(action, now)
        name = " ".join((action.name, *action.flags))
        yield f"the card of {name}", "message", _message(operation_card(waiting, now))
        yield f"the ended card of {name}", "message", _message(operation_card(_ended(waiting, now), now))
    messages = {
        "details": details(_story(ACTIONS[0], now), now),
        "list": list_card("sample", [_entry(now)], now),
        "show": show_card(_REF, _WORKFLOW, now, WorkflowKind.MOVE),
        "the live message": live_card(_live(now)),
        "help": help_card(help_page(None)),
    }
    for what, message in messages.items():
        yield what, "message", _message(message)
    page = HomePage(waits=[], asked=[], running=[], hidden={}, default="sample", recent=[], links={}, now=now)
    yield "the App Home", "view", home_view(page).payload()
    yield "What is this?", "view", explanation(None, now)
    yield "the question why", "view", deny_reason_view("sample")


def _message(message: Message) -> Mapping[str, Any]:
    payload = message.payload()
    return {part: payload[part] for part in ("blocks", "attachments") if payload.get(part)}


def _story(action: Action, now: datetime) -> Story:
    creates = action.call is None
    operation = Operation(
        id="sample",
        organization=_REF.organization,
        database=_REF.database,
        ref=None if creates else _REF,
        workflow_name=_WORKFLOW.name,
        branch="main",
        action=action,
        arguments=_BODY if creates else {},
        requester=_SOMEBODY,
        team_id="T0",
        channel="C0",
        state=State.WAITING,
        gate=Gate.PEER,
        required=2,
        digest="0" * 64,
        seen=None if creates else _WORKFLOW,
        report=Report((passed("sample", "A check of the sample"),)),
        checked_at=now,
        asked_at=now,
        expires_at=now + timedelta(minutes=30),
        reason="A sample",
        names={_SOMEBODY: "Somebody"},
    )
    decided = Decided(_SOMEBODY, DecisionKind.APPROVE, now)
    return Story(operation=operation, decisions=(decided,), kind=WorkflowKind.MOVE)


def _ended(story: Story, now: datetime) -> Story:
    ended = replace(
        story.operation,
        state=State.SUCCEEDED,
        approved_at=now,
        execute_by=now,
        sent_at=now,
        ended_at=now,
        outcome=Outcome(latest=_WORKFLOW, read_at=now),
    )
    return replace(story, operation=ended)


def _entry(now: datetime) -> Entry:
    return Entry(
        organization=_REF.organization,
        database=_REF.database,
        workflow=_WORKFLOW,
        read_at=now,
        in_detail=True,
    )


def _live(now: datetime) -> LiveView:
    seen = ObservedState(
        workflow=_WORKFLOW, read_at=now, detail_at=now, entered_at=now, kind=WorkflowKind.MOVE
    )
    watch = Watch(id="sample", ref=_REF, places=("C0",), origin=Origin.TOUCHED, created_at=now, observed=seen)
    return LiveView(watch=watch, now=now, names={})
