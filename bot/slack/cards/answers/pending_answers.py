"""The private answer that whoever asked is owed, as it is true when it is given."""

from dataclasses import replace
from datetime import datetime

from bot.approvals.decide import Reason
from bot.operations.model import ENDED, Operation, State, Story
from bot.slack.cards.answers.private_answers import private_answer
from bot.slack.cards.blocks.rich import MAX_NOTICE, Card, Message
from bot.slack.cards.operation.card import view_of
from bot.slack.cards.operation.confirm import confirm_question

CONFIRM = "confirm"
"""The question to the requester, with its two buttons; any other word is one of `private.ANSWERS`."""


def owed_answer(what: str, story: Story, now: datetime, detail: str | None = None) -> Message:
    """The answer for `what`; `detail` belongs to this one alone.

    A question that is over says so: nothing could be pressed any more.
    """
    operation = story.operation
    if what == CONFIRM and _may_be_answered(operation, now):
        return confirm_question(story, now, operation.unread_since)
    if what == CONFIRM:
        what = Reason.ENDED_ALREADY if operation.state in ENDED else Reason.EXPIRED
    channel = operation.places[0] if operation.places else None
    return private_answer(what, story, now, {"channel": channel, "detail": detail})


def owed_by_message(what: str, story: Story, now: datetime) -> Message:
    """The same in a direct message, where it has to say what it is about."""
    answer, view = owed_answer(what, story, now), view_of(story, now)
    head = Card()
    head.line(f"Your request ({view.briefly}), asked at ", view.asked_at, ":")
    above = head.message()
    both = f"{above.text} {answer.text}"
    return replace(
        answer,
        text=both if len(both) <= MAX_NOTICE else above.text,
        blocks=(*above.blocks, *answer.blocks),
        plain=f"{above.plain}\n{answer.plain}",
    )


def _may_be_answered(operation: Operation, now: datetime) -> bool:
    return operation.state is State.WAITING and (operation.expires_at is None or now < operation.expires_at)
