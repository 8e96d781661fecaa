"""What a notification says about an operation: one sentence that stands alone, with times in UTC."""

from bot.approvals.terms import Gate
from bot.operations.model import State
from bot.slack.cards.blocks.rich import MAX_NOTICE, Line, one_line, shorten
from bot.slack.cards.operation.serving import writes_now
from bot.slack.cards.operation.status_line import NOTHING_SENT, stage_line
from bot.slack.cards.operation.view import Parts, View

_SHORT_NAMES = (64, 24, 14)
"""How long names may be, tried in turn until it fits."""

_SOME_WORDS = 20
"""Characters: less of a reason says nothing."""

_CHECK = frozenset({State.UNKNOWN, State.NEEDS_PERSON, State.BROKE_OFF, State.NOT_SEEN})


def notice(view: View) -> str:
    """At most 150 characters; names are shortened before anything else is."""
    tries = ((length, brief) for brief in (False, True) for length in _SHORT_NAMES)
    texts = [_notice(view.clipped(length), brief=brief) for length, brief in tries]
    found = next((text for text in texts if len(text) <= MAX_NOTICE), texts[-1])
    return _with_why(view, found)


def _with_why(view: View, text: str) -> str:
    """The same with the requester's reason, where others decide and there is room for some words of it."""
    operation = view.operation
    decides = operation.state is State.WAITING and operation.gate is Gate.PEER
    room = MAX_NOTICE - len(f"{text} Why: “”")
    if not decides or not operation.reason or room < min(len(operation.reason), _SOME_WORDS):
        return text
    return f"{text} Why: “{shorten(one_line(operation.reason), room)}”"


def _notice(view: View, *, brief: bool) -> str:
    operation = view.operation
    if operation.state is State.WAITING and operation.gate is Gate.PEER:
        asks, _, after = view.action.before.asks.partition("{need}")
        forced = "Forced: " if view.forced_over else ""
        return f"{forced}{view.plain('{who} asks ' + asks)}{needed(view)}{view.plain(after)}"
    seen_to_end = not (operation.outcome.known_at or operation.outcome.settled_by)
    if operation.state is State.SUCCEEDED and seen_to_end and not view.is_overtaken:
        return Line(that_it_is_so(view)).plain
    stage = Line(stage_line(view)).plain.replace(NOTHING_SENT, ". Nothing was sent")
    stage = stage.partition(" · ")[0] if brief else stage.replace(" · ", ", ")
    if view.is_overtaken:
        since = Line(view.since_then).plain
        return f"{view.title}, {view.ref}: {stage}. Since then: {since}."
    check = view.check_it if operation.state in _CHECK else ""
    serves = f" {writes_now(view)}." if view.latest else ""
    return f"{view.title}, {view.ref}: {stage.rstrip(' …')}.{check}{serves}"


def that_it_is_so(view: View) -> Parts:
    """That it is done, as a line."""
    return view.fill(view.action.after.notice)


def needed(view: View) -> str:
    """`1 approval by 02:44 UTC.`"""
    left = max(1, view.operation.required - len(view.story.approved_by))
    more = " more" if view.story.approved_by else ""
    return view.plain(f"{left}{more} approval{'s' if left > 1 else ''} by {{expires}}.")
