"""What a card keeps once the workflow has changed since its end: what is past, and what happened then."""

from bot.operations.model import DecisionKind, State
from bot.slack.cards.blocks.rich import Line, Link
from bot.slack.cards.operation.phrases import how_it_ended
from bot.slack.cards.operation.reason import said_by_a_person
from bot.slack.cards.operation.trouble import their_words
from bot.slack.cards.operation.view import Parts, View


def overtaken(view: View) -> list[Line]:
    """No claim about what serves what, no way back, nothing to do: that is on the later card."""
    result = [Line(parts) for parts in (how_it_ended(view),) if parts]
    return [*_why(view), *their_words(view), *result, since_then(view)]


def since_then(view: View) -> Line:
    """`Since then: cut over · card`"""
    link = view.story.overtaken_by_link
    card: Parts = (" · ", Link(link)) if link else ()
    return Line(("Since then: ", *view.since_then, *card))


def _why(view: View) -> list[Line]:
    """Why nothing was sent, as it was said then."""
    denied, cause = view.story.last(DecisionKind.DENY), view.operation.outcome.cause
    match view.operation.state:
        case State.DENIED if denied and denied.reason:
            return [Line(said_by_a_person(denied.reason))]
        case State.SUPERSEDED if cause:
            return [Line(("What changed: ", *view.sentence(cause)))]
        case State.BLOCKED | State.TOO_LATE if cause:
            return [Line(("Reason then: ", *view.sentence(cause)))]
        case _:
            return []
