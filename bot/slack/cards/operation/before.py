"""What was decided before: about the same request lately, and approvals that are none any more."""

from bot.operations.model import DecisionKind, State, Story
from bot.slack.cards.blocks.rich import Line, Link
from bot.slack.cards.operation.reason import said_by_a_person
from bot.slack.cards.operation.view import Parts, View


def decided_lately(view: View) -> list[Line]:
    """`⚠️ The same was denied by Ben at 02:14: “not during the sale”`"""
    return [_line(view, earlier) for earlier in view.story.lately]


def taken_back(view: View) -> list[Line]:
    """`Ben approved at 02:10 and took it back at 02:12`, for each time that somebody did."""
    lines: list[Line] = []
    for place, one in enumerate(view.story.decisions):
        if one.kind is not DecisionKind.TAKE_BACK:
            continue
        mine = (before for before in view.story.decisions[:place] if before.user == one.user)
        given = [before.at for before in mine if before.kind is DecisionKind.APPROVE]
        when = view.when(given[-1]) if given else ()
        lines.append(
            Line((view.called(one.user), " approved", *when, " and took it back", *view.when(one.at)))
        )
    return lines


def dropped(view: View) -> list[Line]:
    """`Ben's approval does not count any more: no longer a member`, unless they approved again since."""
    return [
        Line((view.called(one.user), f"'s approval does not count any more: {one.reason}"))
        for one in view.story.dropped
    ]


def _line(view: View, earlier: Story) -> Line:
    link = view.story.lately_links.get(earlier.operation.id)
    card: Parts = (" · ", Link(link)) if link else ()
    return Line(("⚠️ The same ", *_what(view, earlier), *card))


def _what(view: View, earlier: Story) -> Parts:
    operation = earlier.operation
    ended = view.when(operation.ended_at)
    match operation.state:
        case State.DENIED:
            denied = earlier.last(DecisionKind.DENY)
            by: Parts = (" by ", view.called(denied.user)) if denied else ()
            why: Parts = (": ", *said_by_a_person(denied.reason)) if denied and denied.reason else ()
            return ("was denied", *by, *ended, *why)
        case State.WITHDRAWN:
            return ("was withdrawn by ", view.called(operation.requester), *ended)
        case State.EXPIRED:
            given = f" with {len(earlier.approved_by)} of {max(1, operation.required)} approvals"
            return ("expired", *ended, given)
        case State.SUPERSEDED:
            cause = operation.outcome.cause
            return ("was found out of date", *ended, *((": ", *view.sentence(cause)) if cause else ()))
        case State.REFUSED:
            return ("was refused by PlanetScale", *ended)
        case _:
            return ("was approved and could not be sent in time", *ended)
