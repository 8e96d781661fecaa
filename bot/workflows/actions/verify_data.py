"""`verify-data`: compare every row on both sides."""

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.actions.words import (
    AGAIN,
    LOOK,
    NOT_AGAIN,
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
from bot.workflows.checks.reasons import COPYING, IN_WORDS, first, it_is, still_copying
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import writes_moved
from bot.workflows.observing.happenings import Happening
from bot.workflows.recovery import BROKEN


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """As long as the forward replication runs."""
    state = state_of(workflow.state)
    if state in COPYING:
        return still_copying(workflow)
    if state in BROKEN:
        return f"{it_is(facts, workflow)} {first(facts, workflow)}"
    if state in IN_WORDS:
        return it_is(facts, workflow)
    if writes_moved(workflow):
        paused = "the forward replication is paused, and there is nothing to compare with"
        return f"Writes are on {target(workflow)}: {paused}."
    return None


VERIFY_DATA = Action(
    name=ActionName.VERIFY_DATA,
    flags=(),
    call=WorkflowCall.VERIFY_DATA,
    title="Verify data",
    to_do="verify the data",
    variant=None,
    touches=Touches.NOTHING,
    switches=False,
    goes_back=False,
    deletes=None,
    after_deletion=False,
    only_starts=True,
    starts_verification=True,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=False,
    alone=None,
    moves_in=(),
    leads_to=frozenset({State.VERIFYING_DATA}),
    causes=frozenset(
        {
            Happening.VERIFICATION_STARTED,
            Happening.CLEAN,
            Happening.DIFFERS,
            Happening.VERIFICATION_BROKE_OFF,
            Happening.NO_REPORT,
        }
    ),
    told_as=None,
    is_done=lambda read: state_of(read.state) in {State.VERIFYING_DATA, State.VERIFIED_DATA},
    preflight=Preflight(
        allowed=_allowed, checks=(others.worth_verifying,), needs=frozenset(), in_doubt=warns
    ),
    traces=Traces(by="verify_data_by", at="verify_data_at", new_report=True),
    before=Before(
        briefly="verify data, {ref}",
        asks="to verify the data of {ref}. {need} Changes nothing.",
        decides=(
            "Compares every row of {tables} in {source} and {target}. "
            "Takes minutes to hours and reads both sides.",
            "Changes nothing. It cannot be stopped from here.",
        ),
        happens=(
            "Compares every row of {tables} in {source} and {target}. "
            "Takes minutes to hours and reads both sides.",
            "Changes nothing. Streams pause for moments meanwhile: that is normal. "
            "It cannot be stopped from here.",
        ),
        look_first=(),
        states=(),
        dialog=DialogWords(
            title="Verify the data of {ref}?",
            text="Every row of {tables} ({where}) is compared {moment}. Changes nothing.",
            yes="Approve and verify",
        ),
        question=Question(text="Verify the data of {ref}?", yes="Verify"),
    ),
    meanwhile=usually_seconds("starting a verification", None),
    after=After(
        fact="a verification was started",
        stage="Verification started at {sent}",
        repeats=True,
        card=("The result comes here and mentions {who}.",),
        card_once_over=("{how_it_ended}",),
        notice="A verification of {ref} was started. It changes nothing.",
        next=(),
    ),
    otherwise=Otherwise(
        unknown=("A verification may run or not; it changes nothing." + NOT_AGAIN, "{last_read}"),
        check="",
        refused=(AGAIN,),
        broke_off=went_back("{serving}", LOOK, "{said}"),
        broke_off_in_error=in_error("{serving}", LOOK, "{said}"),
    ),
)
