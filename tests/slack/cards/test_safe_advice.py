"""Whatever is read of a workflow, nobody is told to type or press what the bot itself would refuse, nor that
something is out of the question which it would let through."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.model import ActOnWorkflow
from bot.commands.parser import parse
from bot.operations.model import ENDED, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Keyspace, Stream, Workflow
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.live_told import writes
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.watch.news import news_message
from bot.slack.cards.watch.news_words import OUTSIDE, TOLD
from bot.slack.cards.workflow.show import show_card
from bot.watch.ports import Loudness, News
from bot.workflows.checks.check_run import run_checks, state_allows
from bot.workflows.checks.facts import Facts, source
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import TRANSITIONAL, state_of
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.guidance import guidance
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.own import happened_of
from bot.workflows.recovery import OnTarget, Step, on_target, recovery
from tests.builders import NOW, REF, a_workflow
from tests.slack.cards.anything import FLAGS
from tests.slack.cards.live_scenes import a_view
from tests.slack.cards.stories import an_operation, elements

MOMENTS = st.none() | st.integers(0, 90_000).map(lambda seconds: NOW - timedelta(seconds=seconds))
ACTORS = st.none() | st.just(Actor(display_name="Ben"))
COMMAND = re.compile(r"/workflow [a-z-]+ shop 3(?: --replicas-only)?(?! --)")
CALLS = {
    "verify-data": WorkflowCall.VERIFY_DATA,
    "switch-traffic": WorkflowCall.SWITCH_PRIMARIES,
    "reverse-traffic": WorkflowCall.REVERSE_TRAFFIC,
    "cutover": WorkflowCall.CUTOVER,
    "reverse-cutover": WorkflowCall.REVERSE_CUTOVER,
    "complete": WorkflowCall.COMPLETE,
    "retry": WorkflowCall.RETRY,
    "cancel": WorkflowCall.CANCEL,
}
IN_WORDS = {
    "cancel and create again": WorkflowCall.CANCEL,
    "then retry": WorkflowCall.RETRY,
    "retry first": WorkflowCall.RETRY,
    "verify again": WorkflowCall.VERIFY_DATA,
    "switch first": WorkflowCall.SWITCH_PRIMARIES,
    "then cut over again": WorkflowCall.CUTOVER,
    "cut over again first": WorkflowCall.CUTOVER,
}
"""Advice that names no command."""
OUT_OF_QUESTION = {
    "offers no retry": WorkflowCall.RETRY,
    "cannot be retried": WorkflowCall.RETRY,
    "nothing to retry": WorkflowCall.RETRY,
    "no traffic is switched": WorkflowCall.REVERSE_TRAFFIC,
    "do not cancel": WorkflowCall.CANCEL,
    "the routing rules cannot be restored.": WorkflowCall.REVERSE_CUTOVER,
}
"""Words that say that something cannot be done, or must not be."""


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Any state with any flags and times, those that contradict each other too."""
    whole = a_workflow(
        state=draw(st.sampled_from(WorkflowState)),
        replicas_switched=draw(FLAGS),
        primaries_switched=draw(FLAGS),
        may_retry=draw(FLAGS),
        may_restart=draw(FLAGS),
        verified_data_stale=draw(FLAGS),
        workflow_errors=draw(st.sampled_from([None, "DDL encountered", "timed out"])),
        workflow_subtype=draw(st.sampled_from([None, "move_tables", "import"])),
    )
    serving = draw(FLAGS)
    moments = ("switch_replicas_at", "switch_primaries_at", "cutover_at", "reversed_at", "verify_data_at")
    return whole.model_copy(
        update={
            "streams": (Stream(id=1, state="Running", target_shard="-80", primary_serving=serving),),
            "switch_replicas_by": draw(ACTORS),
            "vdiff": draw(st.sampled_from([None, whole.vdiff])),
            **{name: draw(MOMENTS) for name in moments},
        }
    )


@st.composite
def views(draw: st.DrawFn) -> LiveView:
    """A watched workflow, of which the bot may have sent a switch."""
    kind = draw(st.sampled_from(WorkflowKind))
    return a_view(draw(workflows()), over={"switch_tried_at": draw(MOMENTS)}, kind=kind)


@st.composite
def news(draw: st.DrawFn) -> News:
    """Anything that may have happened, in the state that the workflow was in then."""
    what = draw(st.sampled_from(sorted({*TOLD, *OUTSIDE})))
    moves = what is Happening.MOVING_LONG  # which is seen of nothing else than what moves
    then = draw(workflows().filter(lambda one: not moves or state_of(one.state) in TRANSITIONAL))
    happened = Happened(what=what, at=NOW, seen_at=NOW, workflow=then)
    return News(happened=happened, loudness=Loudness.POST, outside=what not in TOLD or draw(st.booleans()))


def asked(text: str) -> Iterator[WorkflowCall]:
    """Every action that `text` tells somebody to take."""
    for line in COMMAND.findall(text):
        command = parse(line)
        if isinstance(command, ActOnWorkflow):
            call = CALLS[command.action.value]
            yield WorkflowCall.SWITCH_REPLICAS if command.replicas_only else call
    low = text.lower()
    yield from (call for words, call in IN_WORDS.items() if words in low)


def as_shown(message: Message) -> str:
    """All that can be read or pressed."""
    values = [str(one.get("value", "")) for one in elements(message) if one["type"] == "button"]
    return "\n".join((message.plain, message.text, *values))


def facts(
    workflow: Workflow, tried_at: datetime | None = None, kind: WorkflowKind = WorkflowKind.UNKNOWN
) -> Facts:
    """What the checks look at."""
    known = (
        ()
        if kind is WorkflowKind.UNKNOWN
        else (Keyspace(name=source(workflow), imported=kind is WorkflowKind.IMPORT),)
    )
    return Facts(
        ref=REF,
        call=WorkflowCall.RETRY,
        now=NOW,
        workflow=workflow,
        keyspaces=known,
        switch_tried_at=tried_at,
    )


def refused(text: str, about: Facts) -> list[WorkflowCall]:
    """What `text` tells people to do although the checks would refuse it, or not to do although they would
    let it through."""
    workflow = about.workflow
    assert workflow is not None
    denied = [call for words, call in OUT_OF_QUESTION.items() if words in text.lower()]
    return [
        *(call for call in asked(text) if not state_allows(replace(about, call=call), workflow)),
        *(call for call in denied if state_allows(replace(about, call=call), workflow)),
    ]


@given(workflows(), MOMENTS, st.sampled_from(WorkflowKind))
def test_what_show_advises_is_allowed(
    workflow: Workflow, tried_at: datetime | None, kind: WorkflowKind
) -> None:
    """Every command in the answer to `show`, and every step it names, passes the state's check."""
    shown = show_card(REF, workflow, NOW, kind, switch_tried_at=tried_at)
    assert refused(as_shown(shown), facts(workflow, tried_at, kind)) == []


@given(workflows(), MOMENTS, st.sampled_from(WorkflowKind), st.sampled_from(WorkflowCall))
def test_what_a_refusal_advises_is_allowed(
    workflow: Workflow, tried_at: datetime | None, kind: WorkflowKind, call: WorkflowCall
) -> None:
    """A check that refuses, or warns, sends nobody to something else that is refused."""
    about = replace(facts(workflow, tried_at, kind), call=call)
    text = "\n".join(one.sentence for one in run_checks(about).findings)
    assert refused(text, about) == []


@given(views())
def test_what_a_live_message_advises_is_allowed(view: LiveView) -> None:
    """Every button and every sentence of a live message passes the state's check."""
    about = facts(view.workflow, view.switch_tried_at, view.kind)
    assert refused(as_shown(live_card(view)), about) == []


@given(news(), views())
def test_what_news_advises_is_allowed(told: News, view: LiveView) -> None:
    """News that are told late advise what is allowed when they are told, not when they happened."""
    about = facts(view.workflow, view.switch_tried_at, view.kind)
    before = NOW - timedelta(minutes=1)  # what was read at the same moment would be of the same state
    happened = replace(happened_of(told.happened), at=before, seen_at=before)
    assert refused(as_shown(news_message(replace(told, happened=happened), view)), about) == []


@given(views(), news(), st.booleans())
def test_what_is_not_so_any_more_is_not_told_as_if_it_were(view: LiveView, told: News, late: bool) -> None:
    """Wherever a piece of news says who serves writes, it is so now, or the words say that it was so then."""
    happened = replace(happened_of(told.happened), at=NOW - timedelta(minutes=30)) if late else told.happened
    message = news_message(replace(told, happened=happened), view)
    for text in (message.plain, message.text):
        for said in re.findall(r"Writes: (not certain|not reported|[a-z]+)", text):
            assert f"Writes: {said}" == writes(view)


BROKE = (State.BROKE_OFF, State.REFUSED, State.NOT_SEEN, State.UNKNOWN, State.NEEDS_PERSON)


@settings(deadline=None)
@given(workflows(), MOMENTS, st.sampled_from(WorkflowCall), st.sampled_from(BROKE))
def test_what_a_card_of_trouble_advises_is_allowed(
    workflow: Workflow, tried_at: datetime | None, call: WorkflowCall, state: State
) -> None:
    """A card of what did not go as asked offers only what the state that was read last allows."""
    operation = an_operation(call, workflow, state)
    operation = replace(operation, outcome=replace(operation.outcome, latest=workflow, read_at=NOW))
    story = Story(operation=operation, switch_tried_at=tried_at)
    shown = as_shown(operation_card(story, NOW))
    assert refused(shown, facts(workflow, tried_at)) == []
    if state in ENDED and ("ask again" in shown or "op_ask_again" in shown):
        assert state_allows(replace(facts(workflow, tried_at), call=call), workflow)


@given(workflows(), MOMENTS)
def test_a_cancel_is_advised_only_where_nothing_is_served(
    workflow: Workflow, tried_at: datetime | None
) -> None:
    """With anything on the target, or possibly there, nobody is told to cancel, and everybody not to."""
    broken = workflow.model_copy(update={"state": "error"})
    found = recovery(broken, tried_at)
    text = " ".join((found.warning("customer"), found.instead("")))
    served = on_target(broken, tried_at) is not OnTarget.NOTHING
    assert ("Do not cancel" in text) is served
    assert not (served and "Cancel and create" in text)
    assert (found.step is Step.CANCEL) <= (not served)


@pytest.mark.parametrize(
    ("differs", "says"),
    [
        ({"primaries_switched": True}, "Do not cancel: writes may be on customer."),
        ({"replicas_switched": True}, "Do not cancel: a switch was tried, and customer may serve live data."),
        ({"cutover_at": NOW}, "Do not cancel: customer may have the only copy of the tables."),
    ],
)
def test_an_error_with_traffic_on_the_target(differs: dict[str, object], says: str) -> None:
    """Whoever looks at it reads first that a cancel would delete live data, and that support comes next."""
    found = guidance(REF, a_workflow(state="error", may_retry=False, **differs), NOW)
    assert found.first == (says,)
    assert found.next == "check the application now; then PlanetScale support."
    assert (found.next_command, found.back_command) == (None, None)


def test_a_standstill_with_replica_reads_on_the_target() -> None:
    """Where the way back is open it is offered, beside the warning."""
    stopped = a_workflow(state="stopped", replicas_switched=True, may_restart=True)
    found = guidance(REF, stopped, NOW)
    assert found.first == ("Do not cancel: replica reads are on customer.",)
    assert found.back_command == "/workflow reverse-traffic shop 3"
    assert found.next_command is None
