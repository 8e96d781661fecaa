"""`cancel`: give the move up and delete the copies."""

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions import reverse_traffic
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, needs_force
from bot.workflows.actions.words import (
    LOOK,
    After,
    Before,
    DialogWords,
    Meanwhile,
    Otherwise,
    Question,
    in_error,
    went_back,
)
from bot.workflows.checks import cutover_checks, others
from bot.workflows.checks.common import is_under_way
from bot.workflows.checks.facts import Facts, source, target
from bot.workflows.checks.reasons import CUT_OVER, back, broken_after, it_is
from bot.workflows.facts.deletion import What
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import anything_switched
from bot.workflows.observing.happenings import Happening
from bot.workflows.recovery import OnTarget, on_target, recovery


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Not once traffic is, or may be, on the copies."""
    state = state_of(workflow.state)
    if state in {State.COMPLETED, State.CANCELLED}:
        return it_is(facts, workflow)
    served = on_target(workflow, facts.switch_tried_at)
    if served is OnTarget.NOTHING:
        return None
    if served is OnTarget.ONLY_COPY and state not in CUT_OVER:
        return _cutover_broke(facts, workflow)
    if state is State.ERROR or served is OnTarget.PERHAPS:
        return _switch_broke(facts, workflow)
    if served is OnTarget.ONLY_COPY:
        only = f"the tables in {source(workflow)} are gone, {target(workflow)} is the only copy"
        return f"{facts.ref} is cut over: {only}."
    what = "Writes are" if served is OnTarget.WRITES else "Replica reads are"
    return f"{what} on {target(workflow)}.{_reverse_first(facts, workflow, state)}"


def _reverse_first(facts: Facts, workflow: Workflow, state: State | None) -> str:
    """The way back, where it is open: a verification is in its way, though not in that of `cancel`."""
    if reverse_traffic.allowed(facts, workflow) is not None:
        return ""
    if state is not None and is_under_way(reverse_traffic.REVERSE_TRAFFIC, facts, state):
        return " Wait until nothing is under way, then reverse first."
    return f" Reverse first: {back(facts)}"


def _switch_broke(facts: Facts, workflow: Workflow) -> str:
    times = (workflow.switch_replicas_at, workflow.switch_primaries_at, facts.switch_tried_at)
    tried = max((time for time in times if time), default=None)
    doubt = "Which keyspace serves writes is not certain; deleting the copies could delete live data."
    return f"{broken_after(facts, workflow, 'switch', tried)} {doubt} PlanetScale support."


def _cutover_broke(facts: Facts, workflow: Workflow) -> str:
    """It was begun. Whether it deleted the tables in the source is not known."""
    why = recovery(workflow, facts.switch_tried_at).why_keep(target(workflow))
    return f"{broken_after(facts, workflow, 'cutover', workflow.cutover_at)} {why}. PlanetScale support."


def _instead(latest: Workflow) -> str:
    return "Next: `/workflow reverse-traffic {place}`, then ask again." if anything_switched(latest) else LOOK


_BROKE_OFF = (
    "Part of the copies may be deleted. Do not switch traffic.",
    "{writes_read}",
    "{said}",
    "{ask_or_support}",
)

CANCEL = Action(
    name=ActionName.CANCEL,
    flags=(),
    call=WorkflowCall.CANCEL,
    title="Cancel",
    to_do="cancel",
    variant=None,
    touches=Touches.ROUTING_RULES,
    switches=False,
    goes_back=False,
    deletes=What.COPIES,
    after_deletion=False,
    only_starts=False,
    starts_verification=False,
    ends_verification=True,
    flags_hold=False,
    is_heavy=True,
    heard_by_all=False,
    alone="delete the copies, with days of copying in them",
    moves_in=(State.CANCELLING,),
    leads_to=frozenset({State.REVERSING_TRAFFIC_FOR_CANCEL, State.CANCELLING, State.CANCELLED}),
    causes=frozenset(
        {
            Happening.CANCELLED,
            Happening.CANCELLING_WITH_TRAFFIC,
            Happening.CANCELLING_LONG,
            Happening.MOVING_LONG,
        }
    ),
    told_as=Happening.CANCELLED,
    is_done=lambda read: state_of(read.state) is State.CANCELLED,
    preflight=Preflight(
        allowed=_allowed,
        checks=(
            others.no_traffic,
            cutover_checks.tables_named(What.COPIES),
            others.no_index_build,
            others.no_verification,
        ),
        needs=frozenset(),
        in_doubt=needs_force,
    ),
    traces=Traces(by="cancelled_by", at="cancelled_at"),
    before=Before(
        briefly="cancel, {ref}",
        asks="to cancel {ref}: deletes the copies in {target} ({rows}). {source} is not touched. {need}",
        decides=(
            "⛔ Deletes the copies of {tables} in {target}: {copied}. "
            "{source} keeps all its data and serves everything.",
            "↩️ No way back: a new workflow copies from the beginning.",
        ),
        happens=(
            "⛔ Deletes the copies of {tables} in {target}: {copied}. "
            "A new workflow copies from the beginning.",
            "{source} keeps all its data and serves everything, before and after. "
            "The workflow's routing rules are removed.",
            "↩️ No way back.",
        ),
        look_first=(),
        states=(),
        dialog=DialogWords(
            title="Cancel {ref}: delete the copies in {target}?",
            text="The copies of {tables} in {target} ({where}) are deleted {moment}: {copied}. "
            "{source} is not touched. It cannot be undone.",
            yes="Approve and delete",
        ),
        question=Question(text="Cancel {ref}?", yes="Cancel and delete the copies"),
    ),
    meanwhile=Meanwhile(
        doing="cancelling",
        stage_ends="",
        slow_stage="Still cancelling · asked at {sent}",
        slow=(
            "Building indexes on a large table can hold this up for hours. "
            "{source} serves everything meanwhile.",
        ),
        slow_told=("Still cancelling {ref}. Building indexes can hold this up. {source} serves everything.",),
    ),
    after=After(
        fact="the copies in {target} are deleted",
        stage="Cancelled{took} · {fact}",
        card=(
            "{serving}, as they were all along",
            "Next: `/workflow create {database} {branch_word} -i`",
        ),
        notice="{ref} is cancelled: the copies in {target} are deleted. Writes: {source}.",
        next=(),
    ),
    otherwise=Otherwise(
        unknown=(
            "The copies may be deleted, partly deleted or still there. "
            "{source} serves everything in each case.",
            "{last_read} Switching is refused from here until it is known.",
        ),
        check="",
        refused=("The copies are still there as PlanetScale reports it.",),
        broke_off=went_back(*_BROKE_OFF),
        broke_off_in_error=in_error(*_BROKE_OFF, stage="Broke off · {ref} in error since {ended_second}"),
        as_before="{copy_goes_on} {writes_seen}",
        instead=_instead,
    ),
)
