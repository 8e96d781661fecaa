"""The words of an action, by the moment at which they are read.

All are templates: `{field}` is filled in by the cards (`bot.slack.cards.operation`), and a line of which
nothing is left is not shown. A part with a default is the same for nearly all actions.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.commands.model import ActionName
from bot.planetscale.models import Workflow

Lines = tuple[str, ...]

WAY_BACK = "↩️ Way back: `/workflow reverse-traffic {place}`"
WRITES_WAIT = "Writes to these tables wait while it runs, usually for seconds. Some may fail."
LOOK_AT_LAG = ("☐ Look first: replication lag in the dashboard. This bot does not read it.",)
STATE = "☐ By approving you state: "
NOT_AGAIN = " The request is not sent again."
NOT_MEANWHILE = "{last_read} Nothing else is done to {ref} from here until it is known."
LOOK = "Next: `/workflow show {place}`"
AGAIN = "Next: `/workflow show {place}`, then ask again."
DONE = "Done{took} · {fact_since}"
TRAFFIC_MOVED = "{title}, {ref}: it did happen. {serving_sentence}"
_DO_NOT_CANCEL = (
    "Do not cancel. Nothing can be sent to {ref} from here meanwhile. If it goes on: PlanetScale support."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DialogWords:
    """What Slack asks before a press on Approve counts."""

    title: str
    text: str
    yes: str
    """The button; what the last approval that is needed leads to."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What only whoever asked is asked, where nobody else has to agree."""

    text: str
    yes: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Before:
    """While people decide. In the present tense: nothing of it has happened."""

    briefly: str
    """In a sentence: `cut over, shop #3`."""
    asks: str
    """The notification, after who asks; `{need}` is where the missing approvals are named."""
    decides: Lines
    """What happens and what it deletes, then the way back: the lines that people decide by."""
    happens: Lines
    """The same in full, for whoever wants to know more."""
    look_first: Lines
    """What no check can find out, and people have to look at."""
    states: Lines
    """What people state by approving."""
    said: frozenset[str] = frozenset()
    """The codes of checks' warnings that `decides` and `happens` say in their own words."""
    dialog: DialogWords
    question: Question
    nobody_needed: str = ""
    """Why no second person was needed, where that was so."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meanwhile:
    """While PlanetScale carries it out."""

    doing: str
    """`PlanetScale has been … since`"""
    stage_ends: str
    """What the second line says besides."""
    slow_stage: str
    """The second line, once it has taken longer than usual."""
    slow: Lines
    """What to know and to look at then."""
    slow_told: Lines
    """The same for whoever has not looked at the card."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfferedStep:
    """A button that asks for another action, as its command would."""

    label: str
    name: ActionName
    if_clean: bool = False
    """Not where rows were found to differ."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class After:
    """Once it was read back as done. In the past tense, or as it is now."""

    fact: str
    """What is true then. What may be over later stands in brackets: `[serves]`, `[are]`."""
    stage: str
    """The second line of the card."""
    found: str = "It did happen · {fact} (known since {known_at})"
    """The second line, where nobody knew for a while."""
    found_told: str = "{title}, {ref}: it did happen. {fact}. {writes_now}."
    """The same for whoever has not looked at the card."""
    repeats: bool = False
    """What happens is still to come: the card goes on to say it."""
    card: Lines
    card_if_rows_differ: Lines | None = None
    """The card, where it was forced over rows that differ; `None`: the same."""
    card_once_over: Lines | None = None
    """The card, once what was begun has ended; `None`: that is not followed."""
    notice: str
    """The notification."""
    next: tuple[OfferedStep, ...]
    explains_cutover: bool = False
    """A button says what a cutover needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BreakOff:
    """PlanetScale took it, and it did not end as asked."""

    stage: str
    card: Lines
    told: str


def look_again(_: Workflow) -> str:
    """Where nothing better can be said."""
    return LOOK


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Otherwise:
    """Where it was not done, or nobody knows."""

    unknown: Lines
    """What may be so, and what is not done meanwhile."""
    check: str
    """What to look at in the application; empty: nothing."""
    unknown_told: Lines = (
        "Outcome not known: {briefly}, asked at {sent}. It is not sent again.",
        "{check_or_read_on}",
    )
    not_seen_stage: str = "Not seen to happen · unchanged for 2 min ({known_at})"
    not_seen: Lines = ("{serving}", "{late}", "{check}")
    not_seen_told: Lines = ("Not seen to happen: {briefly}. {writes_now}.", "Unchanged so far.{check_it}")
    refused: Lines
    """What to do once PlanetScale has said no. What begins with `Check` is left out where nothing changed."""
    broke_off: BreakOff
    broke_off_in_error: BreakOff
    as_before: str = "{as_before}"
    """What is so where nothing was sent."""
    kept: str | None = None
    """The same, while the state allows it: what it would take away is still there."""
    instead: Callable[[Workflow], str] = look_again
    """What to do where the state does not allow the same any more."""


def usually_seconds(doing: str, look: str | None, *, still: str = "", stage_ends: str = "") -> Meanwhile:
    """`look`: what may be failing meanwhile; `None`: traffic is not touched."""
    slow = f"Still {still or doing} after 60 s"
    return Meanwhile(
        doing=doing,
        stage_ends=stage_ends,
        slow_stage=f"{slow} · usually it takes seconds",
        slow=(look, _DO_NOT_CANCEL) if look else ("Traffic is not touched by this.",),
        slow_told=(f"{slow}: {{ref}}.{{waiting}}", "Look at the application now. Do not cancel."),
    )


def went_back(*card: str) -> BreakOff:
    """It is as it was."""
    return BreakOff(
        stage="Did not happen · {asked} and went back at {ended_second}",
        card=card,
        told="Did not happen: {briefly}. It broke off. {writes_now}.",
    )


def in_error(*card: str, stage: str = "Broke off · {ref} is in error") -> BreakOff:
    """The workflow is in an error."""
    return BreakOff(
        stage=stage, card=card, told="Broke off: {briefly}. PlanetScale shows an error. {writes_now}."
    )
