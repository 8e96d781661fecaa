"""What can be pressed under an answer to go on: the way back, the next step, or one workflow of a list."""

from collections.abc import Sequence
from typing import Final

from bot.commands.model import ActOnWorkflow
from bot.commands.parser import parse
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.run_buttons import run_buttons
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.words import cut
from bot.slack.cards.operation.buttons import next_step
from bot.slack.cards.watch.live_buttons import LABELS
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import named
from bot.workflows.entries import Entry
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.guidance import Guidance

MOST_SHOWN: Final = 3
_NAME: Final = 30


def next_steps(
    ref: WorkflowRef, workflow: Workflow, kind: WorkflowKind, found: Guidance
) -> tuple[Button, ...]:
    """The way back first, then the next step: the lines that the answer prints, through the same gate."""
    asked = filter(None, map(_action, (found.back_command, found.next_command)))
    labelled = ((LABELS.get(action.call), action) for action in asked if action.call)
    return tuple(next_step(ref, label, action, workflow, kind) for label, action in labelled if label)


def list_steps(entries: Sequence[Entry], *, named: bool = False) -> tuple[Button, ...]:
    """The first active workflows of a list, in its order; where none is active, the latest.

    `named`: each with its database.
    """
    shown = [one for one in entries if one.active][:MOST_SHOWN] or entries[:1]
    return run_buttons([(_label(one, named=named), _show(one)) for one in shown])


def _label(entry: Entry, *, named: bool) -> str:
    place = f"{cut(entry.database, _NAME)} " if named else ""
    return f"Show {place}#{entry.workflow.number}"


def _show(entry: Entry) -> str:
    return f"/workflow show {entry.database} {entry.workflow.number}"


def _action(line: str | None) -> Action | None:
    command = parse(line) if line else None
    if not isinstance(command, ActOnWorkflow):
        return None
    return named(command.action, replicas_only=command.replicas_only)
