"""What an operation's card keeps after an end that is certain: what is true now, and what is next."""

from bot.operations.model import DecisionKind, State
from bot.slack.cards.blocks.rich import Line
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.by_hand import by_hand
from bot.slack.cards.operation.consequences import what_decides
from bot.slack.cards.operation.phrases import how_it_ended
from bot.slack.cards.operation.reason import said_by_a_person
from bot.slack.cards.operation.serving import serving
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.actions.words import LOOK


def not_sent(view: View) -> list[Line]:
    """Denied, withdrawn, expired, too late: nothing changed."""
    denied = view.story.last(DecisionKind.DENY) if view.operation.state is State.DENIED else None
    lines: list[Parts] = [said_by_a_person(denied.reason)] if denied and denied.reason else []
    if view.operation.state is State.TOO_LATE and view.operation.outcome.cause:
        lines.append(view.sentence(view.operation.outcome.cause))
    return [*(Line(parts) for parts in (*lines, _as_before(view))), *by_hand(view)]


def superseded(view: View) -> list[Line]:
    """What was approved is not what would happen now."""
    lines: list[Parts] = [("What changed: ", *view.sentence(view.operation.outcome.cause or "not recorded."))]
    if approved := view.story.approved_by:
        carries = "'s approval does" if len(approved) == 1 else "'s approvals do"
        lines.append((*view.approvers_by_name, f"{carries} not carry over."))
    if not may_be_asked_again(view):
        lines.append(view.fill(view.action.otherwise.instead(view.latest) if view.latest else LOOK))
    return [Line(parts) for parts in lines]


def blocked(view: View) -> list[Line]:
    """The checks say no."""
    cause = view.sentence(view.operation.outcome.cause or "The checks do not allow it.")
    return [Line(cause), Line(_as_before(view))]


def succeeded(view: View) -> list[Line]:
    """It was read back."""
    if view.operation.outcome.settled_by:
        return settled(view)
    words = view.action.after
    templates = words.card
    if view.differs and words.card_if_rows_differ:
        templates = words.card_if_rows_differ
    if words.card_once_over and how_it_ended(view):
        templates = words.card_once_over
    return [*(what_decides(view) if words.repeats else ()), *view.lines(templates)]


def in_place(view: View) -> list[Line]:
    """It is so, and not by this request, or no longer."""
    if view.operation.outcome.settled_by:
        return settled(view)
    changed = "since changed" in (view.operation.outcome.remark or "")
    doubt = "Something else happened since." if changed else "It is so now, but not by this request alone."
    return [
        Line(serving(view, view.read_back)),
        Line((f"{doubt} Look before going on.",)),
        Line(view.fill("Next: `/workflow show {place}`")),
    ]


def settled(view: View) -> list[Line]:
    """A person said what happened, because no read could."""
    return [
        Line(view.fill("Said by a person, not read back. PlanetScale showed last: {state}")),
        Line(serving(view, view.read_back)),
        Line(view.fill("Next: `/workflow show {place}`")),
    ]


def _as_before(view: View) -> Parts:
    words = view.action.otherwise
    return view.fill(words.kept if words.kept and _is_so(view) else words.as_before)


def _is_so(view: View) -> bool:
    """Whether the state allows what is asked for: only then is what it would take away still there."""
    return view.seen is None or may_be_asked_again(view)
