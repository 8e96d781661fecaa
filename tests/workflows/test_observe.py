import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Stream, Table, VDiff, Workflow
from bot.workflows.actions.registry import CAUSED_BY
from bot.workflows.facts.states import State
from bot.workflows.observing.estimate import Sample
from bot.workflows.observing.happenings import LASTING, Happened, Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.stage import essence, moved, stage_of
from tests.builders import a_workflow
from tests.workflows.observed_states import T0, in_state, kinds, minutes, news

STORED = TypeAdapter(ObservedState)


def test_switched_reversed_and_switched_again_are_told_apart() -> None:
    """Three things that happened between two reads are told by their times, in order."""
    on = {"switch_replicas_at": minutes(-9), "switch_replicas_by": {"display_name": "Ana"}}
    sight = first_sight(in_state("switched_replicas", **on), T0)
    again = on | {"switch_replicas_at": minutes(3), "reversed_at": minutes(2)}
    after, told = observe(sight, in_state("switched_replicas", **again), minutes(5), in_detail=False)
    assert [(one.what, one.at) for one in told] == [
        (Happening.REVERSED, minutes(2)),
        (Happening.REPLICAS_SWITCHED, minutes(3)),
    ]
    assert told[1].by == "Ana"
    assert told[1].seen_at == minutes(5)
    assert told[1].workflow.streams is None
    assert after.entered_at == minutes(3)


def test_an_older_switch_of_primaries_does_not_hide_a_later_one_of_replicas() -> None:
    """Two switches and a reverse, all over when the workflow is read next, are told each."""
    times = {"switch_primaries_at": minutes(1), "switch_replicas_at": minutes(2), "reversed_at": minutes(3)}
    _, told = observe(
        first_sight(in_state("running"), T0), in_state("running", **times), minutes(4), in_detail=True
    )
    assert [(one.what, one.at) for one in told] == [
        (Happening.PRIMARIES_SWITCHED, minutes(1)),
        (Happening.REPLICAS_SWITCHED, minutes(2)),
        (Happening.REVERSED, minutes(3)),
    ]


@pytest.mark.parametrize(
    ("what", "field", "via", "to"),
    [
        (Happening.REPLICAS_SWITCHED, "switch_replicas_at", "switching_replicas", "switched_replicas"),
        (Happening.PRIMARIES_SWITCHED, "switch_primaries_at", "switching_primaries", "switched_primaries"),
        (Happening.CUT_OVER, "cutover_at", "cutting_over", "cutover"),
        (Happening.COMPLETED, "completed_at", "cutover", "completed"),
        (Happening.CANCELLED, "cancelled_at", "cancelling", "cancelled"),
    ],
)
def test_a_time_alone_is_not_told_as_done(what: Happening, field: str, via: str, to: str) -> None:
    """What PlanetScale has only taken so far is told once it is done, by the time it was given."""
    sight = first_sight(in_state(via), T0)
    sight, told = news(sight, in_state(via, **{field: minutes(1)}), minutes(2))
    assert told == []
    after, found = observe(sight, in_state(to, **{field: minutes(1)}), minutes(3), in_detail=True)
    assert [(one.what, one.at) for one in found if one.what is what] == [(what, minutes(1))]
    assert news(after, in_state(to, **{field: minutes(1)}), minutes(4))[1] == []


@pytest.mark.parametrize("known", [True, False])
def test_a_flag_is_not_believed_while_it_is_being_set(known: bool) -> None:
    """A switch is told when it is over, not when the first shard's flag says yes."""
    early = {"replicas_switched": True, "switch_replicas_at": minutes(1)}
    moving = in_state("switching_replicas", **early)
    sight = first_sight(moving if known else in_state("running"), minutes(1))
    sight, told = news(sight, moving, minutes(2))
    assert told == []
    assert news(sight, in_state("switched_replicas", **early), minutes(3))[1] == [Happening.REPLICAS_SWITCHED]


def test_a_reverse_is_told_when_it_is_over() -> None:
    """Flags that are off already do not make a reverse done while the state still says reversing."""
    sight = first_sight(in_state("switched_primaries"), T0)
    off = {"replicas_switched": False, "primaries_switched": False, "reversed_at": minutes(1)}
    sight, told = news(sight, in_state("reversing_traffic", **off), minutes(2))
    assert told == []
    assert news(sight, in_state("running", **off), minutes(3))[1] == [Happening.REVERSED]


def test_a_reverse_in_two_steps_is_told_once() -> None:
    """Primaries first, then replica reads: it is one reverse by one time, and one news."""
    sight = first_sight(in_state("switched_primaries", switch_replicas_at=minutes(-3)), T0)
    taken = {"switch_replicas_at": minutes(-3), "reversed_at": minutes(1)}
    sight, told = news(sight, in_state("switched_replicas", **taken), minutes(2))
    assert told == [Happening.REVERSED]
    assert news(sight, in_state("running", **taken), minutes(3))[1] == []


@pytest.mark.parametrize("state", ["switched_replicas", "switched_primaries"])
@pytest.mark.parametrize("seen_moving", [True, False])
def test_a_cancel_that_moves_traffic_is_told_once(state: str, seen_moving: bool) -> None:
    """A cancel that moves traffic is told, also where traffic was back by the next read."""
    dev = {"cancelled_by": {"display_name": "dev"}}
    sight, cancels = first_sight(in_state(state), T0), [in_state("cancelling", **dev)] * 2
    reads = [in_state("reversing_traffic_for_cancel", **dev), *cancels] if seen_moving else cancels
    found: list[Happened] = []
    for minute, workflow in enumerate([*reads, in_state("cancelled", **dev)], start=1):
        sight, news_ = observe(sight, workflow, minutes(minute), in_detail=True)
        found += news_
    assert [(one.what, one.at, one.by) for one in found] == [
        (Happening.CANCELLING_WITH_TRAFFIC, minutes(1), "dev"),
        (Happening.CANCELLED, minutes(len(reads) + 1), None),
    ]


def test_a_cancel_without_traffic_on_the_target_moves_none() -> None:
    """A cancel of what was never switched, or was switched back, is told when it is done."""
    sight = first_sight(in_state("switched_primaries"), T0)
    sight, told = news(sight, in_state("running"), minutes(1))
    assert told == [Happening.REVERSED]
    sight, told = news(sight, in_state("cancelling"), minutes(2))
    assert told == []
    assert news(sight, in_state("cancelled"), minutes(3))[1] == [Happening.CANCELLED]


def test_a_cancel_right_after_a_reverse_moves_no_traffic() -> None:
    """What was reversed and then cancelled between two reads is not told as a cancel that moves traffic."""
    times = {"switch_replicas_at": minutes(-2), "switch_primaries_at": minutes(-2)}
    sight = first_sight(in_state("switched_primaries", **times), T0)
    cancels = in_state("cancelling", **times, reversed_at=minutes(3))
    assert news(sight, cancels, minutes(4))[1] == [Happening.REVERSED]


def test_a_straight_switch_is_one_deed() -> None:
    """Replica reads that moved with the writes, whose time was set at the end, are told with the writes."""
    early = {"switch_primaries_at": minutes(1), "switch_replicas_at": minutes(1.5)}
    sight = first_sight(in_state("verified_data"), T0)
    sight, told = news(sight, in_state("switched_primaries", **early), minutes(2))
    assert told == [Happening.PRIMARIES_SWITCHED]
    assert news(sight, in_state("switched_primaries", **early), minutes(3))[1] == []
    apart = early | {"reversed_at": minutes(1.2)}
    _, told = news(first_sight(in_state("running"), T0), in_state("switched_replicas", **apart), minutes(2))
    assert told == [Happening.PRIMARIES_SWITCHED, Happening.REVERSED, Happening.REPLICAS_SWITCHED]


def test_who_did_it_is_named_only_by_the_time_of_the_deed() -> None:
    """An old name beside a state that no time explains is not put down as the one who did it."""
    named = {"switch_replicas_by": {"display_name": "Ana"}}
    _, told = observe(
        first_sight(in_state("running", **named), T0),
        in_state("switched_replicas", **named),
        minutes(1),
        in_detail=True,
    )
    assert [(one.what, one.by) for one in told] == [(Happening.REPLICAS_SWITCHED, None)]


@pytest.mark.parametrize("late", [True, False])
def test_a_switch_that_goes_back_broke_off(late: bool) -> None:
    """Traffic that is where it was after a switch was tried is told so, once, whenever its time was set."""
    times = {} if late else {"switch_replicas_at": minutes(1)}
    sight, _ = news(first_sight(in_state("running"), T0), in_state("switching_replicas", **times), minutes(1))
    sight, told = news(sight, in_state("running", **times), minutes(2))
    assert told == [Happening.SWITCH_BROKE_OFF]
    assert news(sight, in_state("running", **times), minutes(3))[1] == []


def test_what_was_just_taken_has_not_broken_off() -> None:
    """A new time beside an old state may be a switch about to begin: it is looked at once more."""
    taken = in_state("running", switch_replicas_at=minutes(1))
    sight, told = news(first_sight(in_state("running"), T0), taken, minutes(1))
    assert told == []
    assert news(sight, taken, minutes(1))[1] == []
    assert news(sight, taken, minutes(2))[1] == [Happening.SWITCH_BROKE_OFF]
    switched = in_state("switched_replicas", switch_replicas_at=minutes(1))
    assert news(sight, switched, minutes(2))[1] == [Happening.REPLICAS_SWITCHED]


def test_a_reverse_that_broke_off_is_never_told_as_one() -> None:
    """A reverse that left traffic on the target is not told, not even after the next switch."""
    sight = first_sight(in_state("switched_replicas", switch_replicas_at=minutes(-5)), T0)
    taken = {"switch_replicas_at": minutes(-5), "reversed_at": minutes(1)}
    for at, state in enumerate(("reversing_traffic", "switched_replicas", "switched_replicas"), 1):
        sight, told = news(sight, in_state(state, **taken), minutes(at))
        assert told == []
    switched = in_state("switched_primaries", **taken, switch_primaries_at=minutes(8))
    assert news(sight, switched, minutes(9))[1] == [Happening.PRIMARIES_SWITCHED]


def test_a_time_that_comes_late_is_no_second_news() -> None:
    """What a state proved is not told again when PlanetScale's time for it appears."""
    sight, told = news(first_sight(in_state("copying"), T0), in_state("running"), minutes(1))
    assert told == [Happening.COPIED]
    after, told = news(sight, in_state("running", data_copy_completed_at=minutes(2)), minutes(3))
    assert told == []
    restarted, _ = news(after, in_state("copying", retried_at=minutes(4)), minutes(5))
    done = in_state("running", retried_at=minutes(4), data_copy_completed_at=minutes(8))
    assert news(restarted, done, minutes(9))[1] == [Happening.COPIED]


def test_what_was_there_at_the_first_sight_is_no_news() -> None:
    """Somebody who begins to watch is not told the past, and is told what is just being done."""
    times = {
        "switch_replicas_at": minutes(-9),
        "switch_primaries_at": minutes(-1),
        "reversed_at": minutes(-12),
    }
    sight = first_sight(in_state("switching_primaries", **times), T0)
    assert news(sight, in_state("switching_primaries", **times), minutes(1))[1] == []
    done = in_state("switched_primaries", **times)
    assert news(sight, done, minutes(1))[1] == [Happening.PRIMARIES_SWITCHED]
    failed = first_sight(in_state("error", workflow_errors="no"), T0)
    assert news(failed, in_state("error", workflow_errors="no"), minutes(1))[1] == []
    settled = first_sight(in_state("running", switch_replicas_at=minutes(-9)), T0)
    assert news(settled, in_state("running", switch_replicas_at=minutes(-9)), minutes(1))[1] == []


def test_an_older_read_changes_nothing() -> None:
    """A read that was overtaken by another one is dropped."""
    sight = first_sight(in_state("running"), T0)
    assert observe(sight, in_state("error"), minutes(-1), in_detail=True) == (sight, ())
    assert observe(sight, in_state("error"), T0, in_detail=False) == (sight, ())


def test_a_list_keeps_what_it_does_not_carry() -> None:
    """Tables, streams and the verification are those of the last read in full; the rest is the list's."""
    sight = first_sight(a_workflow(), T0)
    bare = a_workflow(
        state="switching_replicas",
        streams=None,
        tables=None,
        vdiff=None,
        verify_data_at=None,
        verified_data_stale=True,
    )
    after, _ = observe(sight, bare, minutes(1), in_detail=False)
    assert after.workflow == a_workflow(state="switching_replicas")
    assert (after.read_at, after.detail_at) == (minutes(1), T0)
    assert (after.previous, after.entered_at) == ("running", minutes(1))


def test_a_list_without_the_time_of_the_last_change_does_not_forget_it() -> None:
    """After a list that leaves `updated_at` out, an older answer is still known as one."""
    old = in_state("running", updated_at=minutes(-5))
    failed = in_state("error", updated_at=minutes(0.9))
    bare = failed.model_copy(update={"updated_at": None})
    sight, found = first_sight(old, T0), []
    for workflow, at, in_detail in (
        (failed, 1, True),
        (bare, 1.2, False),
        (old, 1.4, True),
        (bare, 1.6, False),
    ):
        sight, told = news(sight, workflow, minutes(at), in_detail=in_detail)
        found += told
    assert found == [Happening.ERROR]
    newer = bare.model_copy(update={"updated_at": minutes(2)})
    assert news(sight, newer, minutes(2), in_detail=False)[0].workflow.updated_at == minutes(2)


def test_what_the_bots_calls_cause_is_listed() -> None:
    """Each call of the bot can cause something, and nothing that nobody asks for is put down to one."""
    assert frozenset().union(*CAUSED_BY.values()) == frozenset(WorkflowCall)
    assert not set(CAUSED_BY) & (LASTING | {Happening.COPIED, Happening.ERROR, Happening.STOPPED})


moments = st.datetimes(T0.replace(year=2025, tzinfo=None), T0.replace(year=2028, tzinfo=None)) | st.none()
states = st.sampled_from([state.value for state in State]) | st.text(max_size=9)
texts = st.text(max_size=9) | st.none()
counts = st.integers(0, 10**12) | st.none()
flags = st.booleans() | st.none()
actors = st.builds(Actor, display_name=texts) | st.none()
streams = st.builds(
    Stream,
    id=st.integers(0, 2),
    state=st.sampled_from(["Error", "running", None]),
    rows_copied=counts,
    component_throttled=texts,
    component_throttled_at=moments,
    info=texts,
    logs=st.none(),
)
tables = st.builds(Table, id=st.none(), name=st.sampled_from("ab"), rows_copied=counts, rows_total=counts)
vdiffs = st.builds(
    VDiff,
    id=texts,
    state=texts,
    started_at=moments,
    completed_at=moments,
    has_mismatch=flags,
    table_reports=st.none(),
)
TIMES = [name for name in Workflow.model_fields if name.endswith("_at")]
ACTORS = [name for name in Workflow.model_fields if name.endswith("_by")]
workflows = st.fixed_dictionaries(
    {"name": st.text(max_size=5), "number": st.just(3), "state": states},
    optional={
        **dict.fromkeys(TIMES, moments),
        **dict.fromkeys(ACTORS, actors),
        **dict.fromkeys(["replicas_switched", "primaries_switched", "defer_secondary_keys"], flags),
        "verified_data_stale": flags,
        "workflow_errors": texts,
        "streams": st.lists(streams, max_size=3) | st.none(),
        "tables": st.lists(tables, max_size=3) | st.none(),
        "vdiff": vdiffs | st.none(),
    },
).map(Workflow.model_validate)
reads = st.lists(st.tuples(workflows, st.integers(-30, 600), st.booleans()), min_size=1, max_size=6)


@given(reads, st.lists(st.builds(Sample, moments.filter(bool), st.integers(0, 9), counts), max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_answer_however_strange_breaks_the_watch(
    answers: list[tuple[Workflow, int, bool]], samples: list[Sample]
) -> None:
    """Strange answers never raise, are stored without loss, and the same read twice tells nothing new."""
    samples = [Sample(sample.at.replace(tzinfo=T0.tzinfo), sample.copied, sample.total) for sample in samples]
    sight, at = first_sight(answers[0][0], T0), T0
    for workflow, later, in_detail in answers:
        at = max(at, T0) + (minutes(later) - T0)
        after, told = observe(sight, workflow, at, in_detail=in_detail, samples=samples)
        assert [one.at for one in told] == sorted(one.at for one in told)
        assert STORED.validate_json(STORED.dump_json(after)) == after
        again, nothing = observe(
            after, workflow, max(at, after.read_at), in_detail=in_detail, samples=samples
        )
        assert at < sight.read_at or kinds(nothing) == []
        assert essence(again, at) == essence(STORED.validate_json(STORED.dump_json(again)), at)
        assert stage_of(after, at)
        assert not moved(after, after)
        sight = after
