"""What is seen of a card from afar: a sign, a word, a colour; and in how many lines it is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operations.model import ENDED, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.blocks.folding import folded, sign_of
from bot.slack.cards.blocks.rich import Card
from bot.slack.cards.blocks.spans import Line
from bot.slack.cards.blocks.weight import FORCED, Weight
from bot.slack.cards.operation.card import header, operation_card, view_of
from bot.slack.cards.operation.weighing import at_stake, weight_of
from bot.subjects.findings import warn_force
from bot.workflows.actions.registry import of_call
from tests.slack.cards.stories import (
    COPIED,
    CUT_OVER,
    PRIMARIES_MOVED,
    a_story,
    an_operation,
    approved,
    at,
    report,
)

W = WorkflowCall
NOW = at(20, 35)
SIGNED = st.sampled_from(["", "⛔ ", "⚠️ ", "❓ ", "☐ ", "✅ ", "↩️ "])
LINES = st.lists(st.tuples(SIGNED, st.integers(0, 99)), max_size=14).map(
    lambda found: [Line((f"{sign}text {number}.",)) for sign, number in found]
)


def test_the_table_of_weights() -> None:
    """Every weight has a sign, a word and a colour that Slack takes, and no two look alike in words."""
    looks = [*(weight.value for weight in Weight), FORCED]
    assert all(look.sign and look.word and re.fullmatch("#[0-9a-f]{6}", look.colour) for look in looks)
    assert len({look.word for look in looks}) == len(looks)


@pytest.mark.parametrize(
    ("call", "weight"),
    [
        (None, Weight.STARTS_WORK),
        (W.VERIFY_DATA, Weight.STARTS_WORK),
        (W.RETRY, Weight.STARTS_WORK),
        (W.SWITCH_REPLICAS, Weight.MOVES_READS),
        (W.SWITCH_PRIMARIES, Weight.MOVES_WRITES),
        (W.REVERSE_TRAFFIC, Weight.MOVES_WRITES),
        (W.REVERSE_CUTOVER, Weight.CHANGES_ROUTING),
        (W.CUTOVER, Weight.DELETES),
        (W.CANCEL, Weight.DELETES),
        (W.COMPLETE, Weight.ENDS_WAY_BACK),
    ],
)
def test_what_is_at_stake(call: W | None, weight: Weight) -> None:
    """Each action is weighed by its worst part: what it deletes, ends or moves."""
    assert at_stake(of_call(call)) is weight


def _story(state: State, call: W = W.SWITCH_PRIMARIES, **differs: object) -> Story:
    return a_story(an_operation(call, PRIMARIES_MOVED, state, **differs), approved())


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_weight(state: State) -> None:
    """Whatever became of a request is seen from afar, and only what was read back is called done."""
    story = _story(state, ended_at=at(20) if state in ENDED else None)
    assert (weight_of(view_of(story, NOW)) is Weight.DONE) == (state is State.SUCCEEDED)


def test_forced_is_said_before_all_else_and_for_good() -> None:
    """What is forced says so beside what it does, and goes on saying so once it was sent."""
    found = {"report": report(warn_force("soak", "Writes moved just now.")), "force": True}
    waits, done = (
        _story(state, W.CUTOVER, ended_at=None, **found) for state in (State.WAITING, State.SUCCEEDED)
    )
    assert header(view_of(waits, NOW)) == "⛔ Forced, deletes · Cut over · shop #3 orders-to-customer"
    assert header(view_of(done, NOW)) == "✅ Done · Forced: Cut over · shop #3 orders-to-customer"


def test_cutting_over_again_deletes_nothing() -> None:
    """The second cutover has no tables to delete, and does not look as if it had."""
    rules_back = CUT_OVER.model_copy(update={"state": "reversed_cutover"})
    story = a_story(an_operation(W.CUTOVER, rules_back, State.WAITING))
    assert header(view_of(story, NOW)).startswith("🟠 Changes routing · Cut over · ")


def test_mentions_stand_above_the_edge() -> None:
    """Whoever is mentioned is in the message's own blocks: a mention beside the edge notifies nobody."""
    story = a_story(
        an_operation(W.SWITCH_REPLICAS, COPIED, State.WAITING, approvers=("S0DBAS",), notify=("S0DBAS",))
    )
    payload = operation_card(story, NOW).payload()
    above, beside = str(payload["blocks"]), str(payload["attachments"])
    assert "U0ANA" in above
    assert "S0DBAS" in above
    assert "U0ANA" not in beside
    assert "S0DBAS" not in beside


@given(LINES, st.integers(1, 9))
def test_folding_loses_nothing(lines: list[Line], most: int) -> None:
    """However few lines there may be, every sentence is still there in its order within its sign, and no
    line has a second sign."""
    read = folded(lines, most)
    sentences = [line.plain.removeprefix(sign_of(line)).strip() for line in lines]
    assert re.findall(r"text \d+\.", " ".join(line.plain for line in read)) == sentences
    for line in read:
        assert not sign_of(Line((line.plain.removeprefix(sign_of(line)).strip(),)))
        assert sum(line.plain.count(sign) for sign in ("⛔", "⚠️", "❓", "☐", "✅", "↩️")) <= 1


def test_few_lines_stay_as_they_are() -> None:
    """What has room is not folded."""
    lines = [Line(("⚠️ One.",)), Line(("⚠️ Two.",)), Line(("Three",))]
    assert folded(lines, 3) == lines
    assert [line.plain for line in folded(lines, 2)] == ["⚠️ One. Two.", "Three"]
    assert [line.plain for line in folded(lines, 1)] == ["⚠️ One. Two. Three"]


def test_an_edge_without_anything_beside_it() -> None:
    """A message of one line has no edge: there would be nothing beside it."""
    card = Card()
    card.line("Done")
    assert "attachments" not in card.message(edge=Weight.DONE.colour).payload()
