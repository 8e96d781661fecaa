"""The second line of an operation's card: the only one that always changes."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.approvals.terms import Gate
from bot.operations.model import DecisionKind, Outcome, State
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.actions.model import Touches
from bot.workflows.actions.words import BreakOff
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import state_of
from bot.workflows.facts.traffic import traffic

A_WHILE = timedelta(seconds=10)
"""A silence that is shorter is a connection that broke, or an answer that says nothing."""
NOTHING_SENT = " · nothing was sent"


def stage_line(view: View) -> Parts:
    """Where the operation stands."""
    return _LINES[view.operation.state](view)


def agreed(view: View) -> Parts:
    """Who agreed: `Approved by Ben`, `Confirmed by Ana`, or who asked where nobody had to."""
    match view.operation.gate:
        case Gate.PEER:
            by = view.approvers_by_name
            return ("Approved by ", *by) if by else ("Approved",)
        case Gate.CONFIRM:
            return ("Confirmed by ", view.who)
        case _:
            return ("Asked by ", view.who)


def _checking(view: View) -> Parts:
    return view.fill("Checking {ref} …")


def _waiting(view: View) -> Parts:
    operation = view.operation
    if operation.gate is Gate.CONFIRM:
        return view.fill("Waiting for {who} to confirm · expires {expires}")
    required, given = max(1, operation.required), len(view.story.approved_by)
    if given:
        return (f"{given} of {required} approvals", *view.fill(" · expires {expires}"))
    noun = "approval" if required == 1 else "approvals"
    return (f"Waiting for {required} {noun}", *view.fill(" · expires {expires}"))


def _ready(view: View) -> Parts:
    window, outcome = view.operation.execute_by, view.operation.outcome
    if outcome.trouble:
        return (*agreed(view), " · ", *_trying(view, outcome))
    latest: Parts = (" · at the latest ", view.at(window)) if window else ()
    return (*agreed(view), " · about to ask PlanetScale", *latest)


def _trying(view: View, outcome: Outcome) -> Parts:
    """What keeps it from being sent, and when it is tried again."""
    tries = "1 try" if outcome.tries == 1 else f"{outcome.tries} tries"
    again = view.at_second(view.operation.next_read_at)
    until: Parts = (", until ", view.at(view.operation.execute_by)) if view.operation.execute_by else ()
    return (*view.sentence(outcome.trouble or ""), f" ({tries}), next at ", again, *until)


def _executing(view: View) -> Parts:
    return (*agreed(view), " · about to ask PlanetScale")


def _sending(view: View) -> Parts:
    return (*agreed(view), *view.fill(" · asking PlanetScale since {sent}"), *_meanwhile(view))


def _under_way(view: View) -> Parts:
    if view.operation.outcome.slow:
        return view.fill(view.action.meanwhile.slow_stage)
    since = view.operation.outcome.under_way_since or view.operation.outcome.accepted_at
    since_then = (" since ", view.at_second(since or view.operation.sent_at))
    words = view.action.meanwhile
    ends = (*view.fill(words.stage_ends), *_meanwhile(view))
    return (f"PlanetScale has been {words.doing}", *since_then, *ends)


def _meanwhile(view: View) -> Parts:
    if view.action.touches is not Touches.WRITES:
        return ()
    return view.fill(" · writes to {n_tables} may be waiting")


def _unknown(view: View) -> Parts:
    return (*view.fill("Outcome not known · asked at {sent}, "), _silence(view))


def _silence(view: View) -> str:
    operation = view.operation
    if not operation.outcome.no_answer or operation.sent_at is None:
        return "the answer proves nothing"
    silent = view.now - operation.sent_at
    return "no answer" if silent >= A_WHILE else "no clear answer"


def _needs_person(view: View) -> Parts:
    remark = view.operation.outcome.remark
    return ("Outcome not known · a person has to say it", *((f" · {view.cut(remark)}",) if remark else ()))


def _succeeded(view: View) -> Parts:
    outcome = view.operation.outcome
    if outcome.settled_by:
        return ("It did happen, says ", view.called(outcome.settled_by), " (", view.known_at, ")")
    words = view.action.after
    return view.fill(words.found if outcome.known_at else words.stage)


def _in_place(view: View) -> Parts:
    if view.operation.outcome.settled_by:
        return _succeeded(view)
    remark = view.cut(view.operation.outcome.remark or "in place, but not seen to be done by this request")
    return (remark[:1].upper() + remark[1:],)


def _refused(view: View) -> Parts:
    if view.is_overtaken:
        return view.fill("PlanetScale refused · asked at {sent}")
    return ("PlanetScale refused · ", *_still_so(view), *_read_back(view))


def _still_so(view: View) -> Parts:
    latest = view.read_back
    if view.action.creates and view.operation.outcome.read_at:
        return ("nothing was created",)
    if latest is None:
        return ("not read back since",)
    if not view.action.switches:
        return view.fill("{ref} is still {state}")
    found = traffic(latest)
    what = view.action.touches
    served = found.replica_reads if what is Touches.REPLICA_READS else found.writes
    source = latest.source_keyspace.name if latest.source_keyspace else None
    if found.doubt or served is None:
        return (f"where {what.value} are is not certain",)
    still_there = " still" if served == source else ""
    return (f"{what.value} are{still_there} on {view.cut(served)}",)


def _read_back(view: View) -> Parts:
    return view.fill(" (read back {read_at})") if view.operation.outcome.read_at else ()


def _broke_off(view: View) -> Parts:
    if view.is_overtaken:
        return view.fill("Broke off · asked at {sent}")
    return view.fill(how_it_broke_off(view).stage)


def how_it_broke_off(view: View) -> BreakOff:
    """What is said of it, by where the workflow is."""
    latest, words = view.read_back, view.action.otherwise
    in_error = latest is not None and state_of(latest.state) is WorkflowState.ERROR
    return words.broke_off_in_error if in_error else words.broke_off


def _not_seen(view: View) -> Parts:
    outcome = view.operation.outcome
    if outcome.late_effect_at:
        at = view.at(outcome.late_effect_at)
        if view.read_back and view.action.is_done(view.read_back):
            return ("It happened after all, at ", at, " · ", *view.fact)
        shows = () if view.is_overtaken else view.fill(" · PlanetScale shows: {state}")
        return ("It was taken after all, seen at ", at, *shows)
    if outcome.settled_by:
        return ("It did not happen, says ", view.called(outcome.settled_by), " (", view.known_at, ")")
    return view.fill(view.action.otherwise.not_seen_stage)


def _denied(view: View) -> Parts:
    denied = view.story.last(DecisionKind.DENY)
    by: Parts = (" by ", view.mention(denied.user)) if denied else ()
    return ("Denied", *by, " at ", view.at(denied.at if denied else view.operation.ended_at), NOTHING_SENT)


def _withdrawn(view: View) -> Parts:
    ended = view.story.last(DecisionKind.WITHDRAW) or view.story.last(DecisionKind.NOT_NOW)
    at = ended.at if ended else view.operation.ended_at
    return (*view.fill("Withdrawn by {who} at "), view.at(at), NOTHING_SENT)


def _expired(view: View) -> Parts:
    operation = view.operation
    if operation.gate is not Gate.PEER:
        return (*view.fill("Expired at {expires}, not confirmed"), NOTHING_SENT)
    given = f" with {len(view.story.approved_by)} of {max(1, operation.required)} approvals"
    return (*view.fill("Expired at {expires}"), given, NOTHING_SENT)


def _superseded(view: View) -> Parts:
    return (*view.fill("Out of date since {ended}"), NOTHING_SENT)


def _too_late(view: View) -> Parts:
    operation = view.operation
    word = "Approved" if operation.gate is Gate.PEER else "Asked"
    at = view.at(operation.approved_at or operation.asked_at)
    by = view.at(operation.execute_by or operation.ended_at)
    return (f"{word} at ", at, ", but it could not be sent by ", by, NOTHING_SENT)


def _blocked(view: View) -> Parts:
    return (*view.fill("Refused at {ended}"), NOTHING_SENT)


_LINES: Mapping[State, Callable[[View], Parts]] = {
    State.REQUESTED: _checking,
    State.WAITING: _waiting,
    State.READY: _ready,
    State.EXECUTING: _executing,
    State.SENDING: _sending,
    State.UNDER_WAY: _under_way,
    State.UNKNOWN: _unknown,
    State.NEEDS_PERSON: _needs_person,
    State.SUCCEEDED: _succeeded,
    State.IN_PLACE: _in_place,
    State.REFUSED: _refused,
    State.BROKE_OFF: _broke_off,
    State.NOT_SEEN: _not_seen,
    State.BLOCKED: _blocked,
    State.DENIED: _denied,
    State.WITHDRAWN: _withdrawn,
    State.EXPIRED: _expired,
    State.SUPERSEDED: _superseded,
    State.TOO_LATE: _too_late,
}
