"""Every stage of every card, by name. What a person reads of each stands in `expected/`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.approvals.terms import Gate
from bot.operations.model import Outcome, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import note, warn, warn_force
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import stamp
from tests.builders import a_workflow
from tests.slack.cards.stories import (
    COPIED,
    COPYING,
    CUT_OVER,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    RULES_BACK,
    SENT,
    a_story,
    an_operation,
    approved,
    at,
    denied,
    now_in,
    read_back,
    report,
)

W = WorkflowCall
Scenes = Iterator[tuple[str, Story]]
DBAS: dict[str, Any] = {"required": 2, "approvers": ("S0DBAS",)}
BY_HAND: dict[str, Any] = {"gate": Gate.CONFIRM, "required": 0}
HOUR = timedelta(hours=1)
MANY = tuple({"name": f"t{number:02}"} for number in range(1, 41))


def _usual(call: W, seen: Workflow, done: Workflow, under_way: str, **more: Any) -> Scenes:
    """The stages that every approval card has."""

    def story(state: State, *decisions: Any, **differs: Any) -> Story:
        return a_story(an_operation(call, seen, state, **more | differs), *decisions)

    accepted = {"accepted_at": at(20, 6)}
    moving = now_in(seen, under_way)
    yield "waiting", story(State.WAITING)
    yield "one of two", story(State.WAITING, approved(), **DBAS)
    yield "denied", story(State.DENIED, denied("Not during the sale. Tomorrow at 9."), ended_at=at(19))
    yield "expired", story(State.EXPIRED, ended_at=at(44))
    yield "executing", story(State.SENDING, approved(), **SENT)
    yield "accepted", story(State.UNDER_WAY, approved(), **SENT, outcome=read_back(moving, 7, **accepted))
    slow = read_back(moving, 66, **accepted, slow=True)
    yield "slow", story(State.UNDER_WAY, approved(), **SENT, outcome=slow)
    yield (
        "succeeded",
        story(State.SUCCEEDED, approved(), **SENT, ended_at=at(20, 19), outcome=read_back(done)),
    )
    refused = read_back(seen, 31, said="replication lag is too high")
    yield "refused", story(State.REFUSED, approved(), **SENT, ended_at=at(20, 31), outcome=refused)
    back = read_back(seen, 44, **accepted)
    yield "broke off", story(State.BROKE_OFF, approved(), **SENT, ended_at=at(20, 44), outcome=back)
    wrong = read_back(now_in(seen, "error"), 44, **accepted, said="context deadline exceeded")
    yield "into error", story(State.BROKE_OFF, approved(), **SENT, ended_at=at(20, 44), outcome=wrong)
    yield "unknown", story(State.UNKNOWN, approved(), **SENT, outcome=read_back(moving, no_answer=True))
    known = read_back(done, 70, no_answer=True, known_at=at(21, 10))
    yield "it did happen", story(State.SUCCEEDED, approved(), **SENT, ended_at=at(21, 10), outcome=known)
    unchanged = read_back(seen, 161, no_answer=True, known_at=at(22, 41))
    yield "it did not", story(State.NOT_SEEN, approved(), **SENT, ended_at=at(22, 41), outcome=unchanged)
    late = read_back(done, 540, no_answer=True, known_at=at(22, 41), late_effect_at=at(29))
    yield "after all", story(State.NOT_SEEN, approved(), **SENT, ended_at=at(22, 41), outcome=late)
    yield "needs a person", story(State.NEEDS_PERSON, approved(), **SENT, outcome=read_back(moving))


def switch_replicas() -> Scenes:
    """Replica reads go to the target."""
    done = a_workflow(state="switched_replicas", replicas_switched=True, switch_replicas_at=at(20, 18))
    yield from _usual(W.SWITCH_REPLICAS, COPIED, done, "switching_replicas")

    def story(state: State, *decisions: Any, **differs: Any) -> Story:
        return a_story(an_operation(W.SWITCH_REPLICAS, COPIED, state, **differs), *decisions)

    yield "checking", story(State.REQUESTED, digest=None, report=None)
    yield "approved", story(State.READY, approved(), approved_at=at(20), execute_by=at(25))
    busy = {"outcome": Outcome(trouble="PlanetScale answers 500", tries=3), "next_read_at": at(20, 40)}
    yield "not sent yet", story(State.READY, approved(), approved_at=at(20), execute_by=at(25), **busy)
    yield "withdrawn", story(State.WITHDRAWN, ended_at=at(19))
    older = "the verification is older than 24 h now (it was 23 h 55 min when this was asked)."
    yield "superseded", story(State.SUPERSEDED, approved(), ended_at=at(21), outcome=Outcome(cause=older))
    late = SENT | {"sent_at": None, "ended_at": at(25)}
    yield "too late", story(State.TOO_LATE, approved(), **late)
    yield (
        "blocked",
        story(State.BLOCKED, ended_at=at(15), outcome=Outcome(cause="Still copying, about 41 %.")),
    )
    by_dev = read_back(done, remark="in place, done by dev@acme")
    yield "in place", story(State.IN_PLACE, approved(), **SENT, ended_at=at(20, 41), outcome=by_dev)
    since = read_back(COPIED, remark="in place, since changed")
    yield "since changed", story(State.IN_PLACE, approved(), **SENT, ended_at=at(20, 41), outcome=since)
    ben = read_back(done, settled_by="U0BEN", known_at=at(40))
    yield "says Ben: yes", story(State.IN_PLACE, approved(), **SENT, ended_at=at(40), outcome=ben)
    no = read_back(COPIED, settled_by="U0BEN", known_at=at(40))
    yield "says Ben: no", story(State.NOT_SEEN, approved(), **SENT, ended_at=at(40), outcome=no)
    again = a_story(
        an_operation(W.SWITCH_REPLICAS, COPIED, State.DENIED, ended_at=at(19)),
        denied(),
        asked_again="op2",
        asked_again_link="https://acme.slack.com/archives/C0DB/p2",
    )
    yield "asked again", again
    hidden = read_back(COPIED, 31, said="Duplicate entry '4711' for key 'PRIMARY'")
    quiet = {"ended_at": at(20, 31), "hide_errors": True}
    yield "words kept out", story(State.REFUSED, approved(), **SENT | quiet, outcome=hidden)
    forced = report(
        warn("stale", f"Verified clean at {stamp(at() - 26 * HOUR)}; that is stale."),
        warn_force("differs", "17 rows differ in line_items (2 shards). Do not switch before you know why."),
        note("streams", "Streams: not reported by PlanetScale."),
    )
    yield "forced", story(State.WAITING, report=forced, force=True, reason="Reads are slow on commerce")
    yield (
        "many approvers",
        story(
            State.WAITING,
            approved("U0CHI"),
            approved("U0DEV", 17),
            required=3,
            approvers=("U0BEN", "U0CHI", "U0DEV", "S0DBAS"),
        ),
    )
    yield "calls the on-call", story(State.WAITING, notify=("S0DBAS", "U0ANA"))
    both = ("U0BEN", "S0DBAS")
    yield "calls its approvers", story(State.WAITING, approvers=both, notify=both)
    yield "calls others", story(State.WAITING, approvers=("S0DBAS",), notify=("U0CHI",))


def switch_primaries() -> Scenes:
    """Writes go to the target, alone or with the replica reads."""
    done = PRIMARIES_MOVED.model_copy(update={"switch_primaries_at": at(20, 13)})
    yield from _usual(W.SWITCH_PRIMARIES, REPLICAS_MOVED, done, "switching_primaries")
    better = "Better: --replicas-only first, look, then the writes."
    untried = report(warn("replicas-untried", f"Replica reads have not been tried on customer. {better}"))
    yield "both at once", a_story(an_operation(W.SWITCH_PRIMARIES, COPIED, State.WAITING, report=untried))
    import_ = an_operation(W.SWITCH_PRIMARIES, REPLICAS_MOVED, State.WAITING)
    yield "import", a_story(import_, kind=WorkflowKind.IMPORT)
    who = "By approving an import's primaries you state that the application is connected to PlanetScale."
    perhaps = an_operation(
        W.SWITCH_PRIMARIES, REPLICAS_MOVED, State.WAITING, report=report(note("import", who))
    )
    yield "perhaps an import", a_story(perhaps, kind=WorkflowKind.UNKNOWN)
    cause = Outcome(cause=f"Chioma switched replica reads at {stamp(at(18))}.", latest=REPLICAS_MOVED)
    superseded = an_operation(W.SWITCH_PRIMARIES, COPIED, State.SUPERSEDED, ended_at=at(21), outcome=cause)
    yield "superseded", a_story(superseded, approved(), approved("U0CHI", 17))


def cutover() -> Scenes:
    """The routing rules go, and the tables of the source are deleted."""
    done = CUT_OVER.model_copy(update={"cutover_at": at(20, 46)})
    assert PRIMARIES_MOVED.switch_primaries_at
    found = report(
        passes=6, highlight=f"writes on customer since {stamp(PRIMARIES_MOVED.switch_primaries_at)}"
    )
    with_backup: dict[str, Any] = {"last_backup_at": at(0), "report": found}
    yield from _usual(W.CUTOVER, PRIMARIES_MOVED, done, "cutting_over", **with_backup)
    only = f"Writes moved at {stamp(at(-38))}, less than 1 h before this check."
    soak = warn_force("soak", f"{only} Recommended: a full day, with its peak.")
    forced = report(soak, warn("no-backup", "No backup of main in the last 24 h."))
    hasty = an_operation(W.CUTOVER, PRIMARIES_MOVED, State.WAITING, report=forced, force=True)
    yield "forced", a_story(hasty)
    yield "again", a_story(an_operation(W.CUTOVER, RULES_BACK, State.WAITING))
    once_more = an_operation(
        W.CUTOVER, RULES_BACK, State.SUCCEEDED, **SENT, ended_at=at(20, 11), outcome=read_back(CUT_OVER)
    )
    yield "again, succeeded", a_story(once_more, approved())
    said = "commerce serves writes. Cutting over now is not possible."
    cause = f"Chioma reversed traffic at {stamp(at(20))}; {said}"
    superseded = an_operation(
        W.CUTOVER,
        PRIMARIES_MOVED,
        State.SUPERSEDED,
        ended_at=at(21),
        outcome=Outcome(cause=cause, latest=COPIED),
    )
    yield "superseded", a_story(superseded)
    many = PRIMARIES_MOVED.model_validate(PRIMARIES_MOVED.model_dump() | {"tables": MANY})
    yield "40 tables", a_story(an_operation(W.CUTOVER, many, State.WAITING, report=found))


def complete() -> Scenes:
    """The workflow ends on the target."""
    done = now_in(CUT_OVER, "completed", completed_at=at(20, 6))
    assert CUT_OVER.cutover_at
    found = report(
        passes=3,
        highlight=f"cut over at {stamp(CUT_OVER.cutover_at)}, routing rules never had to be restored",
    )
    yield from _usual(W.COMPLETE, CUT_OVER, done, "cutover", report=found)
    import_ = an_operation(W.COMPLETE, PRIMARIES_MOVED, State.WAITING, report=report(passes=3))
    yield "import", a_story(import_, kind=WorkflowKind.IMPORT)
    closed = an_operation(
        W.COMPLETE,
        PRIMARIES_MOVED,
        State.SUCCEEDED,
        **SENT,
        ended_at=at(20, 7),
        outcome=read_back(now_in(PRIMARIES_MOVED, "completed")),
    )
    yield "import, succeeded", a_story(closed, approved(), kind=WorkflowKind.IMPORT)
    cause = f"Chioma restored the routing rules at {stamp(at(18))} (the application still named commerce)."
    superseded = an_operation(
        W.COMPLETE,
        CUT_OVER,
        State.SUPERSEDED,
        ended_at=at(21),
        outcome=Outcome(cause=cause, latest=RULES_BACK),
    )
    yield "superseded", a_story(superseded)


def cancel() -> Scenes:
    """The workflow ends, and its copies are deleted."""
    done = now_in(COPYING, "cancelled", cancelled_at=at(20, 43))
    found = report(passes=4, highlight="no traffic is on customer")
    why: dict[str, Any] = {"report": found, "reason": "wrong vindex on line_items"}
    yield from _usual(W.CANCEL, COPYING, done, "cancelling", **why)
    index = "line_items seems to be building indexes: cancelling may wait for that, for hours."
    building = report(warn("index-build", index))
    yield "building indexes", a_story(an_operation(W.CANCEL, COPYING, State.WAITING, report=building))
    cause = f"replica reads moved to customer at {stamp(at(18))}. Cancelling would first move live traffic."
    superseded = an_operation(
        W.CANCEL,
        COPIED,
        State.SUPERSEDED,
        ended_at=at(21),
        outcome=Outcome(cause=cause, latest=REPLICAS_MOVED),
    )
    yield "superseded", a_story(superseded)


def going_back() -> Scenes:
    """Section 4: reverse-traffic and reverse-cutover, after the press."""

    def story(call: W, seen: Workflow, state: State, **differs: Any) -> Story:
        return a_story(an_operation(call, seen, state, **BY_HAND | SENT | differs))

    done = a_workflow(reversed_at=at(20, 12))
    yield "reversing", story(W.REVERSE_TRAFFIC, PRIMARIES_MOVED, State.SENDING)
    yield (
        "reversed",
        story(
            W.REVERSE_TRAFFIC, PRIMARIES_MOVED, State.SUCCEEDED, ended_at=at(20, 13), outcome=read_back(done)
        ),
    )
    broke = read_back(now_in(PRIMARIES_MOVED, "reversing_traffic"), accepted_at=at(20, 6))
    yield (
        "reverse broke off",
        story(W.REVERSE_TRAFFIC, PRIMARIES_MOVED, State.BROKE_OFF, ended_at=at(22), outcome=broke),
    )
    yield (
        "reverse unknown",
        story(W.REVERSE_TRAFFIC, PRIMARIES_MOVED, State.UNKNOWN, outcome=Outcome(no_answer=True)),
    )
    yield (
        "reverse slow",
        story(W.REVERSE_TRAFFIC, PRIMARIES_MOVED, State.UNDER_WAY, outcome=read_back(None, slow=True)),
    )
    yield (
        "restored",
        story(
            W.REVERSE_CUTOVER, CUT_OVER, State.SUCCEEDED, ended_at=at(20, 11), outcome=read_back(RULES_BACK)
        ),
    )
    yield (
        "restore refused",
        story(
            W.REVERSE_CUTOVER, CUT_OVER, State.REFUSED, ended_at=at(20, 31), outcome=read_back(CUT_OVER, 31)
        ),
    )


def starting() -> Scenes:
    """Section 4: verify-data, retry and create."""

    def story(call: W | None, seen: Workflow | None, state: State, **differs: Any) -> Story:
        usual: dict[str, Any] = {"gate": Gate.NONE, "required": 0}
        return a_story(an_operation(call, seen, state, **usual | differs))

    verifying = read_back(now_in(COPIED, "verifying_data"))
    yield (
        "verifying",
        story(W.VERIFY_DATA, COPIED, State.SUCCEEDED, **SENT, ended_at=at(20, 9), outcome=verifying),
    )
    stopped = now_in(COPYING, "stopped", workflow_errors="Table 'orders': DDL encountered")
    yield (
        "retrying",
        story(
            W.RETRY,
            stopped,
            State.SUCCEEDED,
            **BY_HAND | SENT,
            ended_at=at(20, 9),
            outcome=read_back(COPYING),
        ),
    )
    over = now_in(
        COPYING,
        "copying",
        tables=a_workflow(tables=[{"name": "orders", "rows_copied": 0, "rows_total": 9}]).tables,
    )
    yield (
        "started over",
        story(
            W.RETRY, stopped, State.SUCCEEDED, **BY_HAND | SENT, ended_at=at(20, 9), outcome=read_back(over)
        ),
    )
    complete_copy = now_in(COPIED, "error", workflow_errors="Duplicate entry")
    yield "retry, for a second person", a_story(an_operation(W.RETRY, complete_copy, State.WAITING))
    yield from _creating()


def _creating() -> Scenes:
    body: dict[str, Any] = {
        "name": "users-to-customer",
        "branch_name": "main",
        "source_keyspace": "commerce",
        "target_keyspace": "customer",
        "tables": ["users", "addresses"],
        "on_ddl": "STOP",
    }
    usual: dict[str, Any] = {"gate": Gate.NONE, "required": 0, "arguments": body}

    def story(state: State, **differs: Any) -> Story:
        named = {"workflow_name": "users-to-customer"}
        seen = differs.pop("seen", None)
        return a_story(an_operation(None, seen, state, **usual | named | differs))

    tables = [{"name": "users"}, {"name": "addresses"}]
    made = a_workflow(number=8, name="users-to-customer", state="copying", tables=tables)
    found: dict[str, Any] = {"number": 8, "seen": made}
    yield "creating", story(State.SENDING, **SENT)
    yield "created", story(State.SUCCEEDED, **SENT | found, ended_at=at(20, 9), outcome=read_back(made))
    yield "create unknown", story(State.UNKNOWN, **SENT, outcome=Outcome(no_answer=True))
    late = read_back(made, 60, known_at=at(21))
    yield "found", story(State.SUCCEEDED, **SENT | found, ended_at=at(21), outcome=late)
    nothing = Outcome(no_answer=True, known_at=at(22, 41))
    yield "not created", story(State.NOT_SEEN, **SENT, ended_at=at(22, 41), outcome=nothing)
    yield (
        "create refused",
        story(
            State.REFUSED,
            **SENT,
            ended_at=at(20, 9),
            outcome=Outcome(said="customer is not ready", read_at=at(20, 9)),
        ),
    )


def overtaken() -> Scenes:
    """Ended cards once a later request has changed the workflow."""
    cut_over = an_operation(
        W.CUTOVER, PRIMARIES_MOVED, State.SUCCEEDED, id="op9", sent_at=at(900), ended_at=at(901)
    )
    link = "https://acme.slack.com/archives/C0DB/p9"
    past: dict[str, Any] = {"overtaken_by": cut_over, "overtaken_by_link": link}
    broke = replace(cut_over, state=State.BROKE_OFF)
    doubt = replace(cut_over, state=State.NEEDS_PERSON, ended_at=None)
    moved = a_workflow(state="switched_replicas", replicas_switched=True, switch_replicas_at=at(20, 18))
    written = PRIMARIES_MOVED.model_copy(update={"switch_primaries_at": at(20, 13)})

    def story(call: W, seen: Workflow, state: State, *decisions: Any, **differs: Any) -> Story:
        more = past | {name: differs.pop(name) for name in tuple(differs) if name in past}
        return a_story(an_operation(call, seen, state, **differs), *decisions, **more)

    ended: dict[str, Any] = SENT | {"ended_at": at(20, 19)}
    yield (
        "replica reads",
        story(W.SWITCH_REPLICAS, COPIED, State.SUCCEEDED, approved(), **ended, outcome=read_back(moved)),
    )
    writes = W.SWITCH_PRIMARIES, REPLICAS_MOVED
    yield "writes", story(*writes, State.SUCCEEDED, approved(), **ended, outcome=read_back(written))
    known = read_back(written, known_at=at(21))
    yield "it did happen", story(*writes, State.SUCCEEDED, approved(), **ended, outcome=known)
    yield (
        "reversed",
        story(
            W.REVERSE_TRAFFIC,
            PRIMARIES_MOVED,
            State.SUCCEEDED,
            **ended | BY_HAND,
            outcome=read_back(now_in(COPIED, "running", reversed_at=at(20, 13))),
            overtaken_by=broke,
        ),
    )
    yield (
        "rules were back",
        story(W.REVERSE_CUTOVER, CUT_OVER, State.SUCCEEDED, **ended, outcome=read_back(RULES_BACK)),
    )
    said = read_back(REPLICAS_MOVED, 31, said="replication lag is too high")
    for state in (State.REFUSED, State.BROKE_OFF, State.NOT_SEEN):
        yield state.value, story(*writes, state, approved(), **ended, outcome=said, overtaken_by=doubt)
    by_dev = read_back(written, remark="in place, done by dev@acme")
    yield "in place", story(*writes, State.IN_PLACE, approved(), **ended, outcome=by_dev)
    late = read_back(written, 540, known_at=at(22, 41), late_effect_at=at(29))
    yield "after all", story(*writes, State.NOT_SEEN, approved(), **ended, outcome=late)
    yield "denied", story(*writes, State.DENIED, denied("Not now."), ended_at=at(19), overtaken_by_link=None)
    yield "expired", story(*writes, State.EXPIRED, ended_at=at(44))
    cause = Outcome(cause="Still copying, about 41 %.")
    for state in (State.BLOCKED, State.SUPERSEDED):
        yield state.value, story(*writes, state, approved(), ended_at=at(21), outcome=cause)


ALL = {
    "switch-replicas": switch_replicas,
    "switch-primaries": switch_primaries,
    "cutover": cutover,
    "complete": complete,
    "cancel": cancel,
    "going-back": going_back,
    "starting": starting,
    "overtaken": overtaken,
}
