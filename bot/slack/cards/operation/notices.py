"""What a notification says about an operation: one sentence that stands alone, with times in UTC."""

from collections.abc import Mapping

from bot.approvals.terms import Gate
from bot.operations.model import State
from bot.slack.cards.blocks.rich import MAX_NOTICE, Line
from bot.slack.cards.operation.deeds import LEAVES_TRAFFIC_ALONE, VERBS, Deed
from bot.slack.cards.operation.serving import writes_now
from bot.slack.cards.operation.status_line import NOTHING_SENT, stage_line
from bot.slack.cards.operation.view import Parts, View

_SHORT_NAMES = (64, 24, 14)
"""How long names may be, tried in turn until it fits."""

_ASKS: Mapping[Deed, str] = {
    Deed.REPLICAS: "to switch replica reads of {ref} from {source} to {target}. {need} Deletes nothing.",
    Deed.PRIMARIES: (
        "to move writes of {ref} from {source} to {target}. {need} Deletes nothing, can be reversed."
    ),
    Deed.ALL_AT_ONCE: (
        "to move all traffic of {ref} from {source} to {target}. {need} Deletes nothing, can be reversed."
    ),
    Deed.IMPORT: "to move writes of import {ref} to {target}. {need} Deletes nothing, can be reversed.",
    Deed.CUTOVER: "to cut over {ref}: DELETES {listed} from the keyspace {source} for good. {need}",
    Deed.CUTOVER_AGAIN: "to cut over {ref} again: removes the routing rules, deletes nothing more. {need}",
    Deed.COMPLETE: "to complete {ref}. Deletes nothing; afterwards routing rules cannot be restored. {need}",
    Deed.COMPLETE_IMPORT: "to complete import {ref}: ends replication back. Deletes no tables. {need}",
    Deed.CANCEL: "to cancel {ref}: deletes the copies in {target} ({rows}). {source} is not touched. {need}",
    Deed.REVERSE: "to move traffic of {ref} back to {source}. {need} Deletes nothing.",
    Deed.REVERSE_REPLICAS: "to move replica reads of {ref} back to {source}. {need} Deletes nothing.",
    Deed.RESTORE: "to restore the routing rules of {ref}. {need} Deletes nothing.",
    Deed.RETRY: "to retry {ref}, which may copy everything again. {need}",
    Deed.VERIFY: "to verify the data of {ref}. {need} Changes nothing.",
    Deed.CREATE: "to create {name} in {ref}. {need} Deletes nothing.",
}
_BACK = "{source} has served everything of {ref} again since {since}. Nothing was deleted."
_IS_SO: Mapping[Deed, str] = {
    Deed.REPLICAS: (
        "Replica reads of {ref} have been on {target} since {since}. Writes are on {source}. "
        "Way back: /workflow reverse-traffic {place}"
    ),
    Deed.PRIMARIES: (
        "Writes of {ref} have been on {target} since {since}. "
        "Way back, until the cutover: /workflow reverse-traffic {place}"
    ),
    Deed.IMPORT: (
        "Writes of {ref} have been on {target} since {since}. "
        "Way back, until it is completed: /workflow reverse-traffic {place}"
    ),
    Deed.CUTOVER: (
        "{ref} is cut over: {listed} {are} deleted from the keyspace {source}. "
        "If queries fail: /workflow reverse-cutover {place}"
    ),
    Deed.CUTOVER_AGAIN: (
        "{ref} is cut over again: the routing rules are removed. "
        "If queries fail: /workflow reverse-cutover {place}"
    ),
    Deed.COMPLETE: "{ref} is completed: {listed} {live} in {target}. {branch} is free for the next workflow.",
    Deed.COMPLETE_IMPORT: "Import {ref} is completed. Writes: {target}. {branch} is free again.",
    Deed.CANCEL: "{ref} is cancelled: the copies in {target} are deleted. Writes: {source}.",
    Deed.REVERSE: _BACK,
    Deed.REVERSE_REPLICAS: _BACK,
    Deed.RESTORE: "Routing rules of {ref} are back. Writes: {target}. The tables in {source} stay deleted.",
    Deed.RETRY: "{ref} is being retried. Next: /workflow show {place}",
    Deed.VERIFY: "A verification of {ref} was started. It changes nothing.",
    Deed.CREATE: "Created: {ref} {name} copies {listed} to {target}. Writes and reads stay on {source}.",
}
_CHECK = frozenset({State.UNKNOWN, State.NEEDS_PERSON, State.BROKE_OFF, State.NOT_SEEN})


def notice(view: View) -> str:
    """At most 150 characters; names are shortened before anything else is."""
    tries = ((length, brief) for brief in (False, True) for length in _SHORT_NAMES)
    texts = [_notice(view.clipped(length), brief=brief) for length, brief in tries]
    return next((text for text in texts if len(text) <= MAX_NOTICE), texts[-1])


def _notice(view: View, *, brief: bool) -> str:
    operation = view.operation
    if operation.state is State.WAITING and operation.gate is Gate.PEER:
        asks, _, after = _ASKS[view.deed].partition("{need}")
        forced = "Forced: " if view.forced_over else ""
        return f"{forced}{view.plain('{who} asks ' + asks)}{needed(view)}{view.plain(after)}"
    seen_to_end = not (operation.outcome.known_at or operation.outcome.settled_by)
    if operation.state is State.SUCCEEDED and seen_to_end and not view.is_overtaken:
        return Line(that_it_is_so(view)).plain
    stage = Line(stage_line(view)).plain.replace(NOTHING_SENT, ". Nothing was sent")
    stage = stage.partition(" · ")[0] if brief else stage.replace(" · ", ", ")
    if view.is_overtaken:
        since = Line(view.since_then).plain
        return f"{VERBS[view.deed]}, {view.ref}: {stage}. Since then: {since}."
    matters = operation.state in _CHECK and view.deed not in LEAVES_TRAFFIC_ALONE
    check = " Check the application." if matters else ""
    serves = f" {writes_now(view)}." if view.latest else ""
    return f"{VERBS[view.deed]}, {view.ref}: {stage.rstrip(' …')}.{check}{serves}"


def that_it_is_so(view: View) -> Parts:
    """That it is done, as a line."""
    return view.fill(_IS_SO.get(view.deed, _IS_SO[Deed.PRIMARIES]))


def needed(view: View) -> str:
    """`1 approval by 02:44 UTC.`"""
    left = max(1, view.operation.required - len(view.story.approved_by))
    more = " more" if view.story.approved_by else ""
    return view.plain(f"{left}{more} approval{'s' if left > 1 else ''} by {{expires}}.")
