"""Whatever PlanetScale, people and the bot's own rows hold, there is a card that Slack takes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.approvals.terms import Gate
from bot.operations.events import Event
from bot.operations.model import ENDED, Decided, DecisionKind, Outcome, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.answers.private_answers import ANSWERS, private_answer
from bot.slack.cards.operation.card import MOST_ENDED, MOST_OPEN, TITLE, operation_card
from bot.slack.cards.operation.confirm import confirm_question
from bot.slack.cards.operation.lists import (
    all_tables,
    cutover_needs,
    details,
    full_text,
    tables_parts,
    tables_reply,
)
from bot.slack.cards.operation.threads import event_message
from bot.subjects.findings import Finding, Level, Report
from bot.workflows.facts.kind import WorkflowKind
from tests.builders import NOW
from tests.slack.cards.anything import MOMENTS, NAMES, fits, workflows
from tests.slack.cards.stories import DIGEST, an_operation, texts

FINDINGS = st.builds(Finding, st.sampled_from(Level), st.sampled_from(["a", "lag", "import"]), NAMES, NAMES)
BODY = {
    "name": "n",
    "branch_name": "m",
    "source_keyspace": "<s>",
    "target_keyspace": "t",
    "tables": ["<a>", "b"],
    "on_ddl": "EXEC",
}
"""A row of a create always has the whole of it."""
USERS = st.sampled_from(["U0ANA", "U0BEN", "U0CHI", "U0DEV", "U0EVE"])
DECISIONS = st.builds(
    Decided, USERS, st.sampled_from(DecisionKind), MOMENTS.map(lambda at: at or NOW), st.none() | NAMES
)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """What was seen of the sending, in any combination."""
    words, moments = st.none() | NAMES, MOMENTS
    return Outcome(
        said=draw(words),
        cause=draw(words),
        accepted_at=draw(moments),
        no_answer=draw(st.booleans()),
        latest=draw(st.none() | workflows()),
        read_at=draw(moments),
        known_at=draw(moments),
        remark=draw(words),
        settled_by=draw(st.none() | USERS),
        late_effect_at=draw(moments),
        slow=draw(st.booleans()),
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Any operation at any stage."""
    call = draw(st.none() | st.sampled_from(WorkflowCall))
    operation = an_operation(
        call,
        draw(st.none() | workflows()),
        draw(st.sampled_from(State)),
        number=draw(st.none() | st.integers(0, 10**12)),
        database=draw(st.one_of(st.just("shop"), st.text(min_size=1, max_size=64))),
        workflow_name=draw(NAMES),
        names={"U0ANA": "A<na>", "U0BEN": "Ben"},
        arguments=BODY if call is None else {},
        force=draw(st.booleans()),
        gate=draw(st.sampled_from(Gate)),
        required=draw(st.integers(0, 20)),
        approvers=draw(
            st.sampled_from([(), ("S0DBAS",), ("U0BEN", "U0CHI"), ("U1", "U2", "U3", "U4", "U5")])
        ),
        hide_errors=draw(st.booleans()),
        digest=draw(st.sampled_from([None, DIGEST])),
        report=draw(st.none() | st.lists(FINDINGS, max_size=6).map(lambda found: Report(tuple(found)))),
        reason=draw(st.none() | NAMES),
        outcome=draw(outcomes()),
        **{
            name: draw(MOMENTS)
            for name in (
                "checked_at",
                "expires_at",
                "approved_at",
                "execute_by",
                "sent_at",
                "ended_at",
                "last_backup_at",
            )
        },
    )
    return Story(
        operation=operation,
        decisions=tuple(draw(st.lists(DECISIONS, max_size=5))),
        asked_again=draw(st.sampled_from([None, "op2"])),
        overtaken_by=draw(
            st.none() | st.builds(an_operation, st.just(call), st.none(), st.sampled_from(State))
        ),
        overtaken_by_link=draw(st.sampled_from([None, "https://acme.slack.com/p2"])),
        asked_again_link=draw(st.sampled_from([None, "https://acme.slack.com/p1", "nonsense"])),
        kind=draw(st.sampled_from(WorkflowKind)),
        way_back_alone=draw(st.booleans()),
    )


@settings(deadline=None)
@given(stories())
def test_any_card(story: Story) -> None:
    """Every story has a card that Slack takes, of few lines, whose title fits and in which foreign text is
    dead."""
    message = operation_card(story, NOW)
    fits(message)
    read = texts(message)
    assert len(read[0].partition(" · ")[2]) <= TITLE
    assert len(read) <= (MOST_ENDED if story.operation.state in ENDED else MOST_OPEN)


SURE = ("It did happen", "It happened after all", "Done", "Completed", "Cancelled", "Cut over", "Created")
READ_BACK = {State.SUCCEEDED, State.IN_PLACE, State.NOT_SEEN}


@settings(deadline=None)
@given(stories())
def test_nothing_is_called_done_before_it_was_read(story: Story) -> None:
    """No stage before the proof says that anything is done."""
    if story.operation.state not in READ_BACK:
        stage = texts(operation_card(story, NOW))[1]
        assert not stage.startswith(SURE)


@settings(deadline=None)
@given(stories(), st.sampled_from([event for event in Event if event is not Event.TABLES]))
def test_any_event(story: Story, event: Event) -> None:
    """Every event about every story can be told."""
    fits(event_message({"event": event.value, "about": "U0CHI"}, story, NOW))


@settings(deadline=None)
@given(stories(), st.sampled_from(sorted(ANSWERS)))
def test_any_answer(story: Story, what: str) -> None:
    """Every private answer about every story can be given."""
    fits(private_answer(what, story, NOW))


@settings(deadline=None)
@given(stories())
def test_any_list_and_question(story: Story) -> None:
    """Every long version and every question about every story can be shown."""
    for show in (details, all_tables, full_text, cutover_needs, confirm_question):
        fits(show(story, NOW))
    for part in range(1, tables_parts(story) + 1):
        fits(tables_reply(story, NOW, part))
