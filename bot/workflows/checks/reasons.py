"""Sentences that the reasons of several actions share: why a state does not allow what is asked for."""

from datetime import datetime

from bot.planetscale.models import Workflow
from bot.workflows.checks.check_words import quote
from bot.workflows.checks.facts import Facts, target
from bot.workflows.facts.moments import since
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.states import State, in_words, state_of
from bot.workflows.recovery import Step, recovery

COPYING = frozenset({State.PENDING, State.COPYING})
CUT_OVER = frozenset({State.CUTOVER, State.REVERSED_CUTOVER})
IN_WORDS = {
    State.CUTOVER: "cut over",
    State.REVERSED_CUTOVER: "cut over",
    State.COMPLETED: "completed",
    State.CANCELLED: "cancelled",
    State.STOPPED: "stopped",
    State.ERROR: "in error",
}
"""States in which a move does not go on as usual."""


def still_copying(workflow: Workflow) -> str:
    """`Still copying, about 41 %.`"""
    if state_of(workflow.state) is State.PENDING:
        return "Waiting to start; nothing is copied yet."
    copy = copy_of(workflow)
    percent = copy.percent if copy else None
    return "Still copying." if percent is None else f"Still copying, about {percent} %."


def broken_after(facts: Facts, workflow: Workflow, what: str, tried: datetime | None) -> str:
    """`shop #3 is in error and a switch was tried at …`"""
    at = since(tried).replace(" since ", " at ")
    return f"{it_is(facts, workflow)[:-1]} and a {what} was tried{at}."


def first(facts: Facts, workflow: Workflow) -> str:
    """What has to come first, or instead: never what would be refused."""
    found = recovery(workflow, facts.switch_tried_at)
    instead = "Retry first." if found.step is Step.RETRY else found.instead(back(facts))
    return " ".join(filter(None, (found.warning(target(workflow)), instead)))


def back(facts: Facts) -> str:
    """The command of the way back."""
    return f"/workflow reverse-traffic {facts.ref.database} {facts.ref.number}"


def it_is(facts: Facts, workflow: Workflow) -> str:
    """`shop #3 is completed.`"""
    state = state_of(workflow.state)
    if state in IN_WORDS:
        return f"{facts.ref} is {IN_WORDS[state]}."
    words = in_words(workflow.state) if state else f"in the state {quote(workflow.state)}"
    return f"{facts.ref} is {words}."
