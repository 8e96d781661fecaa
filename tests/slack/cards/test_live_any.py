"""Whatever was read of a workflow, there is a live message and news that Slack takes and a phone shows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.kinds.workflow.news_loudness import LOUDNESS
from bot.planetscale.models import Stream, Table, TableReport, VDiff, Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.watch_answers import (
    all_tables,
    already_watched,
    shown_nowhere,
    stream_messages,
    watching_now,
)
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.watch.news import IN_CHANNEL, IN_THREAD, news_message
from bot.slack.cards.watch.outage import outage_card
from bot.watch.model import Origin, Over, Watch
from bot.watch.notifications.loudness import tell
from bot.watch.ports import Loudness, News, Outage
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.estimate import Estimate, Trend
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.own import observed_of
from tests.builders import NOW, copying
from tests.slack.cards.anything import COUNTS, MOMENTS, NAMES, fits, workflows
from tests.slack.cards.live_scenes import a_view
from tests.slack.cards.stories import elements, texts

TIMES = MOMENTS.map(lambda moment: moment or NOW)
WORDS = st.none() | NAMES
SPANS = st.none() | st.integers(0, 60 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
TABLES = st.builds(Table, name=NAMES, rows_copied=COUNTS, rows_total=COUNTS)
STREAMS = st.builds(
    Stream,
    state=WORDS,
    target_shard=WORDS,
    component_throttled=WORDS,
    component_throttled_at=MOMENTS,
    info=WORDS,
)
REPORTS = st.builds(
    TableReport,
    table_name=WORDS,
    shard=WORDS,
    mismatched_rows_count=COUNTS,
    extra_source_rows_count=COUNTS,
    extra_target_rows_count=COUNTS,
)
VDIFFS = st.builds(
    VDiff,
    state=st.sampled_from([None, "completed", "error"]) | NAMES,
    started_at=MOMENTS,
    completed_at=MOMENTS,
    has_mismatch=st.sampled_from([None, True, False]),
    progress_percentage=st.none() | st.floats(0, 100),
    eta_seconds=st.none() | st.floats(0, 1e7),
    table_reports=st.none() | st.lists(REPORTS, max_size=12).map(tuple),
)
ESTIMATES = st.builds(
    Estimate,
    rate=st.none() | st.floats(0, 1e12),
    trend=st.none() | st.sampled_from(Trend),
    left=SPANS,
    soonest=SPANS,
    latest=SPANS,
)


@st.composite
def anything(draw: st.DrawFn) -> Workflow:
    """A workflow with more of it missing or strange: streams, many tables, verifications."""
    tables = draw(st.none() | st.lists(TABLES, max_size=12).map(tuple))
    return draw(workflows()).model_copy(
        update={
            "tables": tables,
            "streams": draw(st.none() | st.lists(STREAMS, max_size=4).map(tuple)),
            "vdiff": draw(st.none() | VDIFFS),
            "number": draw(st.integers(0, 2**63 - 1)),
            "may_retry": draw(st.sampled_from([None, True, False])),
            "on_ddl": draw(WORDS),
        }
    )


@st.composite
def observed_states(draw: st.DrawFn) -> ObservedState:
    """What may be known of it."""
    names = ("moved_at", "throttled_since", "indexing_since", "verifying_since", "first_estimate_at")
    moments: dict[str, Any] = {name: draw(MOMENTS) for name in names}
    return ObservedState(
        workflow=draw(anything()),
        read_at=draw(TIMES),
        detail_at=draw(TIMES),
        entered_at=draw(TIMES),
        previous=draw(WORDS),
        indexing=draw(WORDS),
        estimate=draw(st.none() | ESTIMATES),
        kind=draw(st.sampled_from(WorkflowKind)),
        explicit_routing=draw(st.sampled_from([None, True, False])),
        **moments,
    )


@st.composite
def views(draw: st.DrawFn) -> LiveView:
    """Any watch at any moment."""
    database = draw(st.just("shop") | st.text(min_size=1, max_size=64))
    watch = Watch(
        id="w1",
        ref=WorkflowRef("acme", database, draw(st.integers(0, 10**12))),
        places=("C0DB",),
        origin=Origin.FOUND,
        started_by=draw(st.sampled_from([None, "U0ANA", "U0NEW"])),
        observed=draw(st.none() | observed_states()),
        silent_since=draw(MOMENTS),
        missing_since=draw(MOMENTS),
        created_at=NOW,
        over=draw(st.none() | st.sampled_from(Over)),
        over_at=draw(MOMENTS),
        stopped_by=draw(st.sampled_from([None, "U0ANA", "U0NEW"])),
        names={"U0ANA": draw(NAMES)},
    )
    return LiveView(
        watch=watch,
        now=NOW,
        names={"U0BEN": draw(NAMES)},
        hide_errors=draw(st.booleans()),
        moved_to=draw(st.sampled_from([None, None, "https://acme.slack.com/p1"])),
        moved_from=draw(st.sampled_from([None, "https://acme.slack.com/p0"])),
    )


@st.composite
def news(draw: st.DrawFn) -> News:
    """Anything that may be told, as it may be told; a call may be followed by another one."""
    happened = Happened(
        what=draw(st.sampled_from(Happening)),
        at=draw(TIMES),
        seen_at=draw(TIMES),
        workflow=draw(anything()),
        by=draw(WORDS),
        since=draw(MOMENTS),
        was=draw(st.none() | st.sampled_from(Happening)),
        was_state=draw(WORDS),
        said=draw(WORDS),
        subject=draw(WORDS),
    )
    watch = replace(a_view(None).watch, mention=draw(st.sampled_from([None, "U0BEN", "U0NEW"])))
    followed = draw(st.sampled_from([(), (replace(happened, what=Happening.COPIED),)]))
    causes: dict[str, str] = draw(st.sampled_from([{}, {happened.what: "op1"}]))
    told = tell((happened, *followed), watch, causes, LOUDNESS, draw(st.sampled_from([(), ("S0DBAS",)])))
    assume(told and told[0].happened is happened)
    return told[0]


LONG = "x" * 64
WIDE = copying(
    *({"name": f"{LONG}{n}", "rows_copied": 10**18, "rows_total": 9 * 10**18} for n in range(5)),
    name=LONG,
    branch={"name": LONG},
    source_keyspace={"name": LONG},
    target_keyspace={"name": LONG},
    actor={"display_name": LONG},
)


@given(views())
@example(a_view(WIDE))
def test_any_live_message(view: LiveView) -> None:
    """Slack takes it, a phone shows it, and whatever others wrote in it is dead."""
    message = live_card(view)
    fits(message)
    read = texts(message)
    observed = observed_of(view.watch.observed)
    many = observed is not None and len(observed.workflow.tables or ()) > 5
    most, characters = (12, 880) if many else (10, 680)
    assert (len(read) <= most, sum(map(len, read)) <= characters) == (True, True), read


MOVES_BACK = {"switching_replicas", "switching_primaries", "reversing_traffic", "cutting_over", "cancelling"}
COPIED = {"running", "verified_data"}
STATES: Mapping[str, set[str]] = {
    "verify-data": COPIED | {"switched_replicas"},
    "retry": {"stopped", "error"},
    "switch-traffic": COPIED | {"switched_replicas"},
    "cutover": {"switched_primaries", "reversed_cutover"},
    "complete": {"cutover", "switched_primaries"},
    "reverse-cutover": {"cutover"},
}


def _steps(found: list[dict[str, Any]]) -> list[list[str]]:
    """What buttons ask for; one that only leads to a page asks for nothing."""
    return [one["value"].split() for one in found if one["type"] == "button" and "url" not in one]


@given(views())
def test_no_button_without_effect(view: LiveView) -> None:
    """A button stands only where the state allows what it asks for, and never two next steps."""
    commands = [words[1] for words in _steps(elements(live_card(view)))]
    workflow = view.workflow if view.watch.observed else None
    assert len(set(commands) - {"reverse-traffic", "reverse-cutover"}) <= 1
    if view.watch.over is not None or view.moved_to is not None or workflow is None:
        assert commands == []
        return
    for command in commands:
        if command == "reverse-traffic":
            moved = workflow.replicas_switched or workflow.primaries_switched
            assert moved or workflow.state in {"switched_replicas", "switched_primaries"}
            assert workflow.state not in MOVES_BACK | {"cutover", "completed", "cancelled", "error"}
        else:
            assert workflow.state in STATES[command], command
    if view.silent:
        assert set(commands) <= {"reverse-traffic", "reverse-cutover"}


@given(views())
def test_words_that_are_kept_out_are_nowhere(view: LiveView) -> None:
    """Where the policy keeps PlanetScale's words out of channels, none of them is in the message."""
    if view.watch.observed is None:
        return
    words = "Zx" * 20
    workflow = view.workflow.model_copy(update={"workflow_errors": words})
    observed = replace(view.observed, workflow=workflow)
    message = live_card(replace(view, hide_errors=True, watch=replace(view.watch, observed=observed)))
    assert "Zx" not in message.plain + message.text


@given(news(), views())
def test_any_news(told: News, view: LiveView) -> None:
    """Everything that may happen can be told, in few lines, with at most two buttons that have an effect."""
    message = news_message(told, view, card_link="https://acme.slack.com/p1")
    fits(message)
    bare = texts(news_message(replace(told, mentions=()), view))
    most, characters = (2, IN_THREAD) if told.loudness is Loudness.THREAD else (3, IN_CHANNEL)
    assert (len(bare) <= most, sum(map(len, bare)) <= characters) == (True, True), bare
    newest = replace(view, moved_to=None)
    shown = {tuple(words) for words in _steps(elements(live_card(newest)))}
    assert {tuple(words) for words in _steps(elements(message))} <= shown


@given(views())
def test_any_private_answer(view: LiveView) -> None:
    """The answers to a menu's choices fit, whatever was read."""
    watch = view.watch
    again = already_watched(watch, None, would_move=True)
    for message in (all_tables(watch, NOW), stream_messages(watch, NOW), again, shown_nowhere(watch)):
        fits(message)
    if watch.observed:
        fits(watching_now(watch, view.workflow))


@given(NAMES, st.integers(0, 10**6), MOMENTS, TIMES)
def test_any_outage(organization: str, workflows: int, back_at: Any, since: Any) -> None:
    """The note about an outage fits, whatever the organization is called."""
    outage = Outage(
        id="o1",
        organization=organization,
        place="C0DB",
        workflows=workflows,
        since=since,
        told_at=NOW,
        back_at=back_at,
        mentions=("U0ANA",),
    )
    fits(outage_card(outage, NOW))
