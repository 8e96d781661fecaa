"""`retry`: go on after an error, or start over."""

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.actions.words import (
    AGAIN,
    LOOK,
    NOT_AGAIN,
    NOT_MEANWHILE,
    After,
    Before,
    DialogWords,
    Otherwise,
    Question,
    in_error,
    usually_seconds,
    went_back,
)
from bot.workflows.checks import others
from bot.workflows.checks.facts import Facts, target
from bot.workflows.checks.reasons import first, it_is
from bot.workflows.facts.states import State, state_of
from bot.workflows.observing.happenings import Happening
from bot.workflows.recovery import BROKEN, NOT_OFFERED, NoRetry, no_retry


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Not where it may start over and throw away what serves traffic."""
    if state_of(workflow.state) not in BROKEN:
        return f"{it_is(facts, workflow)[:-1]}: there is nothing to retry."
    match no_retry(workflow, facts.switch_tried_at):
        case NoRetry.NOT_OFFERED:
            instead = first(facts, workflow)
            return instead if instead.startswith(NOT_OFFERED) else f"{NOT_OFFERED} {instead}"
        case NoRetry.MAY_START_OVER:
            gone = f"A retry may start over: it would throw away the tables in {target(workflow)}."
            return f"{gone} {first(facts, workflow)}"
        case None:
            return None


RETRY = Action(
    name=ActionName.RETRY,
    flags=(),
    call=WorkflowCall.RETRY,
    title="Retry",
    to_do="retry",
    variant=None,
    touches=Touches.NOTHING,
    switches=False,
    goes_back=False,
    deletes=None,
    after_deletion=False,
    only_starts=True,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=False,
    alone=None,
    moves_in=(),
    leads_to=frozenset(),
    causes=frozenset({Happening.RETRIED}),
    told_as=Happening.RETRIED,
    is_done=lambda read: state_of(read.state) in {State.COPYING, State.RUNNING},
    preflight=Preflight(
        allowed=_allowed,
        checks=(others.nothing_copied_twice, others.no_schema_change),
        needs=frozenset(),
        in_doubt=warns,
    ),
    traces=Traces(by="retried_by", at="retried_at"),
    before=Before(
        briefly="retry, {ref}",
        asks="to retry {ref}, which may copy everything again. {need}",
        decides=(
            "PlanetScale decides: the copy continues where it stopped, or starts over from the beginning. "
            "{retry_keeps}",
            "{starting_over}",
            "{stopped_with}",
            "{compare_first}",
        ),
        happens=(
            "PlanetScale decides: if the error allows it, the copy continues where it stopped; otherwise it "
            "starts over from the beginning.",
            "{starting_over}",
            "{retry_keeps}",
            "{stopped_with}",
            "{compare_first}",
        ),
        look_first=(),
        states=(),
        said=frozenset({"starts-over", "ddl"}),
        dialog=DialogWords(
            title="Retry {ref}?",
            text="The copy ({where}) continues, or starts over from the beginning, {moment}: "
            "up to {copied} once more. {retry_keeps}",
            yes="Approve and retry",
        ),
        question=Question(text="Retry {ref}?", yes="Retry"),
    ),
    meanwhile=usually_seconds("retrying", None),
    after=After(
        fact="PlanetScale is retrying",
        stage="Retry started at {sent}",
        card=("{copied_again}", LOOK),
        notice="{ref} is being retried. Next: /workflow show {place}",
        next=(),
    ),
    otherwise=Otherwise(
        unknown=("The copy may go on, start over or stand still." + NOT_AGAIN, NOT_MEANWHILE),
        check="",
        refused=(AGAIN,),
        broke_off=went_back("{serving}", LOOK, "{said}"),
        broke_off_in_error=in_error("{serving}", LOOK, "{said}"),
    ),
)
