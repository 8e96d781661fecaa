"""What weight an operation's card has: by what it does while it is open, by what became of it afterwards."""

from collections.abc import Mapping
from typing import Final

from bot.operations.model import BEFORE_SENDING, State
from bot.slack.cards.blocks.weight import FORCED, Look, Weight
from bot.slack.cards.operation.view import View
from bot.workflows.actions.model import Action, Touches

_BY_STATE: Final[Mapping[State, Weight]] = {
    State.REQUESTED: Weight.CHECKING,
    State.READY: Weight.ABOUT_TO_RUN,
    State.EXECUTING: Weight.ABOUT_TO_RUN,
    State.SENDING: Weight.UNDER_WAY,
    State.UNDER_WAY: Weight.UNDER_WAY,
    State.UNKNOWN: Weight.NOT_KNOWN,
    State.NEEDS_PERSON: Weight.NOT_KNOWN,
    State.SUCCEEDED: Weight.DONE,
    State.IN_PLACE: Weight.LOOK_FIRST,
    State.REFUSED: Weight.REFUSED,
    State.BROKE_OFF: Weight.BROKE_OFF,
    State.NOT_SEEN: Weight.NOT_SEEN,
    State.BLOCKED: Weight.NOT_SENT,
    State.DENIED: Weight.NOT_SENT,
    State.WITHDRAWN: Weight.NOT_SENT,
    State.EXPIRED: Weight.NOT_SENT,
    State.SUPERSEDED: Weight.NOT_SENT,
    State.TOO_LATE: Weight.NOT_SENT,
}
_MOVES: Final[Mapping[Touches, Weight]] = {
    Touches.REPLICA_READS: Weight.MOVES_READS,
    Touches.WRITES: Weight.MOVES_WRITES,
    Touches.ROUTING_RULES: Weight.CHANGES_ROUTING,
}


def weight_of(view: View) -> Weight:
    """What the card is seen to be from afar."""
    operation = view.operation
    if view.is_overtaken:
        return Weight.PAST
    match operation.state:
        case State.WAITING:
            return at_stake(view.action)
        case State.UNDER_WAY if operation.outcome.slow:
            return Weight.TAKES_LONG
        case State.NOT_SEEN if operation.outcome.late_effect_at:
            return Weight.CAME_LATE
        case State.SUCCEEDED | State.NOT_SEEN if operation.outcome.settled_by:
            return Weight.LOOK_FIRST
        case State.SUCCEEDED if view.action.only_starts:
            return Weight.STARTED
        case state:
            return _BY_STATE[state]


def at_stake(action: Action) -> Weight:
    """What an action does, by its worst part."""
    if action.deletes:
        return Weight.DELETES
    if action.only_starts:
        return Weight.STARTS_WORK
    return _MOVES.get(action.touches, Weight.ENDS_WAY_BACK)


def look_of(view: View) -> Look:
    """The sign, the words and the colour of the card; forced is said until it is sent."""
    weight = weight_of(view)
    if not view.forced_over or view.operation.state not in BEFORE_SENDING:
        return weight.value
    return Look(FORCED.sign, f"{FORCED.word}, {_lower(weight.word)}", FORCED.colour)


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]
