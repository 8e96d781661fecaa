"""What an operation's card keeps after an end that is certain: what is true now, who, and what is next."""

from collections.abc import Mapping, Sequence

from bot.approvals.terms import Gate
from bot.operations.model import DecisionKind, State
from bot.slack.cards.blocks.rich import Line, Part, one_line, shorten
from bot.slack.cards.blocks.words import count, duration
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.consequences import what_happens
from bot.slack.cards.operation.deeds import COMPLETES, REVERSES, Deed
from bot.slack.cards.operation.serving import serving, writes
from bot.slack.cards.operation.view import Parts, View
from bot.slack.cards.watch.over import over
from bot.workflows.facts.progress import copy_of, copy_time
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import state_of
from bot.workflows.facts.traffic import anything_switched
from bot.workflows.observing.closing import verification_over
from bot.workflows.own import observed_of

REASON_SHOWN = 150
_BACK = "↩️ Way back: `/workflow reverse-traffic {place}`"

_DO_NOT_GO_ON = (
    "Rows differ: do not switch writes before you know why. Look at them, then verify again: "
    "`/workflow verify-data {place}`"
)
_DONE: Mapping[Deed, tuple[str, ...]] = {
    Deed.REPLICAS: (
        "Now: watch errors and latency of replica reads on {tables}, for a quarter of an hour at least.",
        "Next: `/workflow switch-traffic {place}` (writes)",
        _BACK,
    ),
    Deed.PRIMARIES: (
        "Now: watch errors and latency, and that new rows in {first_table} get ids.",
        "Before the cutover: the application stops naming {source}, and require_explicit_routing is out of "
        "{target}'s VSchema.",
        _BACK,
    ),
    Deed.ALL_AT_ONCE: (
        "Now: watch errors and latency, and that new rows in {first_table} get ids.",
        "Before the cutover: the application stops naming {source}, and require_explicit_routing is out of "
        "{target}'s VSchema.",
        _BACK,
    ),
    Deed.IMPORT: (
        "Now: watch errors and latency, and that nothing writes to the external database any more.",
        "Next, when every application is connected to PlanetScale and works: `/workflow complete {place}`",
        _BACK,
    ),
    Deed.CUTOVER: (
        "Now: look for “table not found” on {tables}.",
        "If there are any: restore the routing rules (not the tables), then fix the application.",
        "When all is well: `/workflow complete {place}`. Until then {branch} can have no other workflow.",
    ),
    Deed.CUTOVER_AGAIN: (
        "Now: look for “table not found” on {tables}.",
        "If there are any: restore the routing rules (not the tables), then fix the application.",
        "When all is well: `/workflow complete {place}`. Until then {branch} can have no other workflow.",
    ),
    Deed.COMPLETE: ("Nothing is left to do. {branch} is free for the next workflow.",),
    Deed.COMPLETE_IMPORT: ("Nothing is left to do. {branch} is free for the next workflow.",),
    Deed.CANCEL: ("Next: `/workflow create {database} {branch_word} -i`",),
    Deed.REVERSE: (
        "Replication runs forward again: {target} is kept up to date.",
        "Next: find the cause. Verify again before the next switch: `/workflow verify-data {place}`",
    ),
    Deed.REVERSE_REPLICAS: (
        "Replication runs forward: {target} is kept up to date.",
        "Next: find the cause. Verify again before the next switch: `/workflow verify-data {place}`",
    ),
    Deed.RESTORE: (
        "Now: point the application at @primary / @replica or leave the database name out.",
        "Next: `/workflow cutover {place}` again, then `complete`.",
    ),
    Deed.VERIFY: ("The result comes here and mentions {who}.",),
    Deed.RETRY: ("Next: `/workflow show {place}`",),
    Deed.CREATE: ("Next: nothing. You are told when the copy is complete.",),
}
_ALSO = {
    Deed.PRIMARIES: " · {source} is kept up to date by replication back",
    Deed.ALL_AT_ONCE: " · {source} is kept up to date by replication back",
    Deed.IMPORT: " · the external database is kept up to date by replication back",
    Deed.CUTOVER: " · routing rules are removed",
    Deed.CUTOVER_AGAIN: " · routing rules are removed",
    Deed.CANCEL: ", as they were all along",
}
_SAYS_IT_ALREADY = frozenset({Deed.COMPLETE, Deed.CREATE, Deed.VERIFY, Deed.RETRY}) | REVERSES
"""Their stage says who serves what, or it does not change."""
_STILL = {
    Deed.CUTOVER: "Both keyspaces still have the tables · {writes} · reverse-traffic is still possible",
    Deed.CUTOVER_AGAIN: "{writes} · the routing rules stay restored",
    Deed.COMPLETE: "{writes} · reverse-cutover is still possible",
    Deed.COMPLETE_IMPORT: "{writes} · reverse-traffic is still possible",
}
_NOBODY_NEEDED = {Deed.REVERSE: " (reversing needs none)", Deed.REVERSE_REPLICAS: " (reversing needs none)"}


def not_sent(view: View) -> list[Line]:
    """Denied, withdrawn, expired, too late: nothing changed."""
    denied = view.story.last(DecisionKind.DENY) if view.operation.state is State.DENIED else None
    lines: list[Parts] = [said_by_a_person(denied.reason)] if denied and denied.reason else []
    if view.operation.state is State.TOO_LATE and view.operation.outcome.cause:
        lines.append(view.sentence(view.operation.outcome.cause))
    lines += [_as_before(view), view.fill("Asked by {who} at {asked_at}")]
    return [Line(parts) for parts in lines]


def superseded(view: View) -> list[Line]:
    """What was approved is not what would happen now."""
    lines: list[Parts] = [("What changed: ", *view.sentence(view.operation.outcome.cause or "not recorded."))]
    if approved := view.story.approved_by:
        carries = "'s approval does" if len(approved) == 1 else "'s approvals do"
        lines.append((*view.approvers_by_name, f"{carries} not carry over."))
    if not may_be_asked_again(view):
        lines.append(view.fill(_instead(view)))
    return [Line(parts) for parts in lines]


def _instead(view: View) -> str:
    """What to do where the state does not allow the same any more."""
    latest = view.latest
    if view.deed is Deed.CANCEL and latest is not None and anything_switched(latest):
        return "Next: `/workflow reverse-traffic {place}`, then ask again."
    if view.deed is Deed.COMPLETE and latest and state_of(latest.state) is WorkflowState.REVERSED_CUTOVER:
        return "Next: fix the application, cut over again, then complete."
    return "Next: `/workflow show {place}`"


def blocked(view: View) -> list[Line]:
    """The checks say no."""
    cause = view.sentence(view.operation.outcome.cause or "The checks do not allow it.")
    return [Line(cause), Line(_as_before(view)), Line(view.fill("Asked by {who} at {asked_at}"))]


def succeeded(view: View) -> list[Line]:
    """It was read back."""
    if view.operation.outcome.settled_by:
        return settled(view)
    lines: list[Parts] = []
    if view.deed not in _SAYS_IT_ALREADY:
        lines.append(_now_true(view))
    if view.deed in COMPLETES:
        lines.append(_whole_move(view))
    if view.deed in {Deed.CREATE, Deed.VERIFY}:
        lines += [line.parts for line in what_happens(view)]
    if view.deed is Deed.RETRY:
        lines.append(_copied_again(view))
    done = [view.fill(template) for template in _what_now(view)]
    if view.deed is Deed.VERIFY and (closing := how_it_ended(view)):
        done = [closing]
    if view.deed is Deed.CREATE:
        return [Line(parts) for parts in (*lines, (*people(view), " · ", *done[0]))]
    return [Line(parts) for parts in (*lines, people(view), *done) if parts]


def how_it_ended(view: View) -> Parts:
    """How the verification that was started here ended, once that is known; then nothing is to come."""
    followed, sent_at = observed_of(view.story.followed), view.operation.sent_at
    closing = verification_over(sent_at, followed) if followed and sent_at else None
    return over(closing, view.at(closing.at)) if closing else ()


def _what_now(view: View) -> Sequence[str]:
    look, _, back = _DONE[Deed.REPLICAS]
    return (look, _DO_NOT_GO_ON, back) if view.deed is Deed.REPLICAS and view.differs else _DONE[view.deed]


def in_place(view: View) -> list[Line]:
    """It is so, and not by this request, or no longer."""
    if view.operation.outcome.settled_by:
        return settled(view)
    changed = "since changed" in (view.operation.outcome.remark or "")
    doubt = "Something else happened since." if changed else "It is so now, but not by this request alone."
    return [
        Line(serving(view, view.read_back)),
        Line((f"{doubt} Look before going on.",)),
        Line(people(view)),
        Line(view.fill("Next: `/workflow show {place}`")),
    ]


def settled(view: View) -> list[Line]:
    """A person said what happened, because no read could."""
    return [
        Line(view.fill("Said by a person, not read back. PlanetScale showed last: `{state}`")),
        Line(serving(view, view.read_back)),
        Line(people(view)),
        Line(view.fill("Next: `/workflow show {place}`")),
    ]


def people(view: View) -> Parts:
    """`Asked by Ana · approved by Ben`, and what was said about why."""
    operation = view.operation
    why: Parts = (" · ", *said_by_a_person(operation.reason)) if operation.reason else ()
    if operation.gate is Gate.CONFIRM:
        needs_none = _NOBODY_NEEDED.get(view.deed, "")
        return ("By ", view.who, f", without a second person{needs_none}", *why)
    by = view.approvers_by_name
    approved: Parts = (" · approved by ", *by) if operation.gate is Gate.PEER and by else ()
    return ("Asked by ", view.who, *approved, *why)


def said_by_a_person(text: str) -> Parts:
    """`“wrong vindex on line_items”`"""
    return (f"“{shorten(one_line(text), REASON_SHOWN)}”",)


def _as_before(view: View) -> Parts:
    if view.deed is Deed.CANCEL:
        return (f"{_copy_goes_on(view)} {writes(view, view.seen)}",)
    if view.deed in _STILL and _is_so(view):
        before, _, after = _STILL[view.deed].partition("{writes}")
        return (before, writes(view, view.seen), after)
    if view.deed is Deed.CREATE:
        return ("Nothing was created.",)
    return serving(view, view.seen, ", as before")


def _is_so(view: View) -> bool:
    """Whether the state allows what is asked for: only then is what it would take away still there."""
    return view.seen is None or may_be_asked_again(view)


def _copy_goes_on(view: View) -> str:
    state = state_of(view.seen.state) if view.seen else None
    if state in {WorkflowState.COPYING, WorkflowState.PENDING}:
        return f"The copy goes on: {view.share}."
    return f"The copies stay in {view.target}."


def _now_true(view: View) -> Parts:
    also = view.fill(_ALSO.get(view.deed, ""))
    return (*serving(view, view.read_back), *also)


def _whole_move(view: View) -> Parts:
    latest = view.latest
    parts: list[Part] = []
    begun, done = (latest.created_at, view.operation.ended_at) if latest else (None, None)
    if begun and done and done > begun:
        parts.append(f"Whole move: {duration(done - begun)}")
        copying = copy_time(latest) if latest else None
        if copying:
            parts.append(f", of which copying {duration(copying)}")
    if view.deleted_at and view.deed is Deed.COMPLETE:
        parts += [" · " if parts else "", *view.fill("deleted from {source} "), view.at(view.deleted_at)]
    return tuple(parts)


def _copied_again(view: View) -> Parts:
    before = copy_of(view.seen) if view.seen else None
    after = copy_of(view.read_back) if view.read_back else None
    was, now = before.copied if before else None, after.copied if after else None
    if was is None or now is None:
        return ("Whether it continues or starts over is not known yet.",)
    if now >= was:
        return view.fill("Continued at {share}.")
    return (f"Started over at {view.share.removeprefix('about ')}; {count(was)} rows are copied again.",)
