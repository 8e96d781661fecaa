"""What a card says when it did not go as asked, or when nobody knows: first of all what to look at."""

import re
from collections.abc import Mapping

from bot.slack.cards.blocks.rich import Line, code, one_line, shorten
from bot.slack.cards.blocks.words import first_line
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.deeds import CUTOVERS, LEAVES_TRAFFIC_ALONE, REVERSES, SWITCHES_WRITES, Deed
from bot.slack.cards.operation.ends import people, settled
from bot.slack.cards.operation.serving import is_unchanged, serving, writes, writes_now
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import state_of
from bot.workflows.facts.traffic import flags
from bot.workflows.recovery import BROKEN, Step, recovery

_NOT_AGAIN = " The request is not sent again."
_NOT_MEANWHILE = "Nothing else is done to {ref} from here until it is known."
_CUT_OVER = (
    "Tables may be deleted, partly deleted or still there." + _NOT_AGAIN,
    "{last_read} Do not reverse traffic until this is known; it is refused from here.",
    "Check the application now: queries on {tables}.",
)
_SWITCHED = (
    "Writes may be on {source} or on {target}." + _NOT_AGAIN,
    "{last_read} " + _NOT_MEANWHILE,
    "Check the application now: writes to {tables}.",
)
_COMPLETED = ("Traffic and data are not touched by this in either case. Reading on.", "{last_read}")
_REVERSED = (
    "Traffic may be back on {source} or still on {target}." + _NOT_AGAIN,
    "{last_read} " + _NOT_MEANWHILE,
    "Check the application now: queries on {tables}.",
)
_UNKNOWN: Mapping[Deed, tuple[str, ...]] = {
    Deed.REPLICAS: (
        "Replica reads may have moved or not." + _NOT_AGAIN,
        "{last_read} Reading on; nothing else is done to {ref} from here until it is known.",
        "Check the application now: replica reads of {tables}.",
    ),
    Deed.PRIMARIES: _SWITCHED,
    Deed.ALL_AT_ONCE: _SWITCHED,
    Deed.IMPORT: _SWITCHED,
    Deed.CUTOVER: _CUT_OVER,
    Deed.CUTOVER_AGAIN: (
        "The routing rules may be removed or still there." + _NOT_AGAIN,
        "{last_read} " + _NOT_MEANWHILE,
        "Check the application now: queries on {tables}.",
    ),
    Deed.COMPLETE: _COMPLETED,
    Deed.COMPLETE_IMPORT: (
        "The connection to the external database may be closed or not. "
        "{target} serves everything in either case.",
        "{last_read}",
    ),
    Deed.CANCEL: (
        "The copies may be deleted, partly deleted or still there. {source} serves everything in each case.",
        "{last_read} Switching is refused from here until it is known.",
    ),
    Deed.REVERSE: _REVERSED,
    Deed.REVERSE_REPLICAS: _REVERSED,
    Deed.RESTORE: (
        "The routing rules may be restored or not." + _NOT_AGAIN,
        "{last_read} " + _NOT_MEANWHILE,
        "Check the application now: queries that name {source} for {tables}.",
    ),
    Deed.RETRY: (
        "The copy may go on, start over or stand still." + _NOT_AGAIN,
        "{last_read} " + _NOT_MEANWHILE,
    ),
    Deed.VERIFY: ("A verification may run or not; it changes nothing." + _NOT_AGAIN, "{last_read}"),
    Deed.CREATE: ("Looking for a workflow named {name} on {branch}; it is not created twice.",),
}

_AGAIN = "Next: `/workflow show {place}`, then ask again."
_REFUSED: Mapping[Deed, tuple[str, ...]] = {
    Deed.REPLICAS: ("Next: look at the lag in the dashboard, wait until it is low, ask again.",),
    Deed.PRIMARIES: (
        "Check that the application can write to {tables}.",
        "Next: wait for the lag to fall or the write load to drop, then ask again.",
    ),
    Deed.CUTOVER: (
        "As PlanetScale reports it nothing was deleted. reverse-traffic may still be possible.",
        _AGAIN,
    ),
    Deed.CUTOVER_AGAIN: ("As PlanetScale reports it the routing rules are still there.", _AGAIN),
    Deed.COMPLETE: ("Nothing changed; reverse-cutover is still possible.",),
    Deed.COMPLETE_IMPORT: ("As PlanetScale reports it nothing changed.", _AGAIN),
    Deed.CANCEL: ("The copies are still there as PlanetScale reports it.",),
    Deed.REVERSE: ("⚠️ Check the application now: queries on {tables}.", _AGAIN),
    Deed.REVERSE_REPLICAS: ("⚠️ Check the application now: queries on {tables}.", _AGAIN),
    Deed.RESTORE: ("Check the application: queries that name {source} for {tables}.", _AGAIN),
    Deed.RETRY: (_AGAIN,),
    Deed.VERIFY: (_AGAIN,),
    Deed.CREATE: ("Next: go by what it says (change the request, or wait), then ask again.",),
}

_CHECKS = ("Check ", "⚠️ Check ")
_ASKS_AGAIN = re.compile(r"\bask again\b|still possible|still be possible")
"""What is said only where the same, or the way back, would be taken."""
_ASK_OR_SUPPORT = "Next: ask again, or PlanetScale support."

_CHECK = {
    Deed.REPLICAS: "⚠️ Check replica reads of {tables} in the application before asking again.",
    Deed.CANCEL: "Part of the copies may be deleted. Do not switch traffic.",
    Deed.COMPLETE: "Traffic and data are not touched by this.",
    Deed.COMPLETE_IMPORT: "The connection to the external database may be closed already.",
    Deed.RETRY: "Next: `/workflow show {place}`",
    Deed.VERIFY: "Next: `/workflow show {place}`",
    Deed.RESTORE: "⚠️ Check the application: queries that name {source} for {tables}.",
}
_SWITCH_BROKE = (
    "⚠️ A switch that breaks off can leave tables that refuse writes although this looks right. "
    "Check the application now."
)
_REVERSE_BROKE = (
    "⚠️ A reverse that breaks off can leave tables that refuse queries on both sides. "
    "Check the application now; then PlanetScale support."
)
_STILL: Mapping[Deed, str] = {
    Deed.REPLICAS: "⚠️ Replica reads of {tables} may be failing. Look at the application now.",
    Deed.CUTOVER: "⚠️ Queries on {tables} may be failing. Look at the application now.",
    Deed.CUTOVER_AGAIN: "⚠️ Queries on {tables} may be failing. Look at the application now.",
    Deed.REVERSE_REPLICAS: "⚠️ Replica reads of {tables} may be failing. Look at the application now.",
    Deed.RESTORE: "⚠️ Queries that name {source} for {tables} may be failing. Look at the application now.",
}
_WRITES_WAIT = "⚠️ Writes to {tables} may be waiting or failing. Look at the application now."
_DO_NOT_CANCEL = (
    "Do not cancel. Nothing can be sent to {ref} from here meanwhile. If it goes on: PlanetScale support."
)


def slow(view: View) -> list[Line]:
    """Under way for longer than usual."""
    return [*_lines(view, *still_under_way(view.deed)), Line(people(view))]


def still_under_way(deed: Deed) -> tuple[str, ...]:
    """What to know and to look at meanwhile, as templates."""
    if deed is Deed.CANCEL:
        held = "Building indexes on a large table can hold this up for hours."
        return (held + " {source} serves everything meanwhile.",)
    if deed in LEAVES_TRAFFIC_ALONE:
        return ("Traffic is not touched by this.",)
    return (_STILL.get(deed, _WRITES_WAIT), _DO_NOT_CANCEL)


def unknown(view: View) -> list[Line]:
    """Nobody knows whether it happened."""
    return [*_doubt(view), Line(people(view))]


def needs_person(view: View) -> list[Line]:
    """Reads cannot settle it."""
    asks = "Look at it in the dashboard and in the application, then say here what happened."
    meanwhile = "" if view.deed is Deed.CREATE else " Until then other requests to {ref} are refused."
    who = f"Whoever may approve this may say it.{meanwhile}"
    return [*_doubt(view), *_lines(view, asks, who), Line(people(view))]


def refused(view: View) -> list[Line]:
    """PlanetScale said no. Where a read showed that it is as it was, there is nothing to check."""
    templates = _REFUSED.get(view.deed, _REFUSED[Deed.PRIMARIES])
    if view.deed is not Deed.CREATE and not may_be_asked_again(view):
        templates = (*(one for one in templates if not _ASKS_AGAIN.search(one)), _instead(view))
    if is_unchanged(view):
        templates = tuple(one for one in templates if not one.startswith(_CHECKS))
    cause = view.operation.outcome.cause
    if cause:
        templates = tuple(one for one in templates if not one.startswith("Next:"))
    why = [Line(view.sentence(cause))] if cause else []
    return [Line(it_said(view)), *why, *_lines(view, *templates), Line(people(view))]


def broke_off(view: View) -> list[Line]:
    """It was taken and did not end as asked."""
    if view.deed in REVERSES:
        return [*_lines(view, _REVERSE_BROKE), *their_words(view), Line(people(view))]
    if view.deed in CUTOVERS:
        return _cutover_broke(view)
    in_error = _in_error(view)
    if view.deed is Deed.CANCEL:
        parts = [*_lines(view, _CHECK[Deed.CANCEL]), Line((writes(view, view.read_back),))]
        return [
            *parts,
            *their_words(view),
            *_lines(view, _ASK_OR_SUPPORT if may_be_asked_again(view) else _instead(view)),
            Line(people(view)),
        ]
    if view.deed in SWITCHES_WRITES | {Deed.REPLICAS}:
        return _switch_broke(view, in_error=in_error)
    return [
        Line(serving(view, view.read_back)),
        *_lines(view, _CHECK.get(view.deed, _AGAIN)),
        *their_words(view),
        Line(people(view)),
    ]


def not_seen(view: View) -> list[Line]:
    """Two minutes of reads show it unchanged. It could still happen late."""
    outcome = view.operation.outcome
    if outcome.settled_by:
        return settled(view)
    if view.deed is Deed.CREATE:
        return [Line(("If it appears after all, that is told here.",)), Line(people(view))]
    if outcome.late_effect_at:
        return [Line(serving(view, view.read_back)), *_check_now(view), Line(people(view))]
    late = "A late effect is possible and would be told here."
    return [Line(serving(view, view.read_back)), Line((late,)), *_check_now(view), Line(people(view))]


def it_said(view: View) -> Parts:
    """PlanetScale's own words, where this channel may read them."""
    said = first_line(view.operation.outcome.said or "")
    if not said:
        return ("It gave no reason.",)
    if view.operation.hide_errors:
        return ("What it said is kept out of channels.",)
    return ("It said: ", code(shorten(one_line(said), 300)))


def their_words(view: View) -> list[Line]:
    """PlanetScale's words, where there are any."""
    return [Line(it_said(view))] if view.operation.outcome.said else []


def _doubt(view: View) -> list[Line]:
    return _lines(view, *_UNKNOWN[view.deed])


def _check_now(view: View) -> list[Line]:
    """The line of the doubt that says what to look at in the application."""
    return _lines(view, *(text for text in _UNKNOWN[view.deed] if text.startswith("Check the application")))


def _cutover_broke(view: View) -> list[Line]:
    gone = "⚠️ Part of it may have happened: tables may be gone from {source}. Do not reverse traffic."
    serves = f"{writes_now(view)}, as PlanetScale reports it. "
    check = "Check the application; then PlanetScale support."
    return [*_lines(view, gone), *their_words(view), Line((serves, check)), Line(people(view))]


def _switch_broke(view: View, *, in_error: bool) -> list[Line]:
    latest = view.read_back
    if in_error:
        what = "replica reads" if view.deed is Deed.REPLICAS else "writes"
        doubt = f"❓ Which keyspace serves {what} is not certain. PlanetScale reports: "
        reports = flags(latest) if latest else "nothing"
        support = "Check the application now; then PlanetScale support, with `{ref}` and the time."
        lines = [Line((doubt, f"{reports}.")), *their_words(view)]
        return [*lines, Line((_keep(view), *view.fill(support))), Line(people(view))]
    if view.deed is Deed.REPLICAS:
        reported = Line(serving(view, latest, ", as PlanetScale reports it"))
        return [reported, *_lines(view, _CHECK[Deed.REPLICAS]), Line(people(view))]
    reported = Line((f"{writes(view, latest)}, as PlanetScale reports it",))
    support = "If writes fail: PlanetScale support, with `{ref}` and the time."
    return [reported, *_lines(view, _SWITCH_BROKE, support), Line(people(view))]


def _keep(view: View) -> str:
    """`Do not cancel: … `, where that would delete what is served."""
    latest = view.latest
    warning = recovery(latest, view.story.switch_tried_at).warning(view.target) if latest else ""
    return f"{warning} " if warning else ""


def _instead(view: View) -> str:
    """What to do where the same would be refused, as a template."""
    latest = view.latest
    if latest is None or state_of(latest.state) not in BROKEN:
        return "Next: `/workflow show {place}`"
    found = recovery(latest, view.story.switch_tried_at)
    if found.step is Step.RETRY:
        return "Next: find the cause, then `/workflow retry {place}`"
    advice = found.instead("`/workflow reverse-traffic {place}`")
    warning = found.warning("{target}")
    return " ".join(filter(None, (warning, advice)))


def _in_error(view: View) -> bool:
    latest = view.read_back
    return latest is not None and state_of(latest.state) is WorkflowState.ERROR


def _lines(view: View, *templates: str) -> list[Line]:
    return [Line(view.fill(template)) for template in templates]
