import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.slack.blockkit import TEXT_IN_BLOCKS, message_problems, text_length
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.rich import CUT, MAX_NOTICE, MAX_TEXT, At, Card, bold, code, escape
from tests.builders import NOW


def test_escaping_is_slacks_own() -> None:
    """Exactly `&`, `<` and `>`, the ampersand first."""
    assert escape("<!channel> &amp;") == "&lt;!channel&gt; &amp;amp;"


@given(st.lists(st.text(), min_size=1, max_size=6), st.text())
def test_whatever_a_name_is_it_stays_text(texts: list[str], name: str) -> None:
    """Any text becomes literal elements of a block that Slack accepts, and nothing in it can break a line."""
    card = Card()
    for text in texts:
        card.line("Writes: ", bold(text), " ", code(name), " ", At(NOW))
    card.monospaced([name, *texts])
    message = card.message()
    assert message_problems(list(message.blocks)) == []
    kinds = {element["type"] for part in message.blocks[0]["elements"] for element in part["elements"]}
    assert kinds <= {"text", "date"}
    assert "<" not in message.text + message.plain
    assert len(message.plain) <= MAX_TEXT * 5  # escaping makes `&` five characters long
    assert "\n" not in message.text
    json.dumps(message.payload())


def test_times_have_a_fallback_in_utc() -> None:
    """A reader without Slack's date tokens sees UTC, and says so."""
    card = Card()
    card.line("Read ", At(NOW), " and ", At(NOW, "{time}"))
    assert card.message().plain == "Read 23 Nov 02:14 UTC and 02:14 UTC"


def test_the_notification_is_short() -> None:
    """What a phone shows is at most 150 characters, whatever the card holds."""
    card = Card()
    for _ in range(50):
        card.line("x" * 80)
    assert len(card.message().text) <= MAX_NOTICE


@pytest.mark.parametrize("monospaced", [True, False])
def test_more_text_than_slack_takes_is_left_out(monospaced: bool) -> None:
    """A card that is longer than a message can be is cut, and says so; what can be pressed stays."""
    card = Card()
    if monospaced:
        card.monospaced(["x" * 70] * 250)
    for _ in range(250):
        card.line("x" * 70)
    card.actions(Button("Approve", "op_approve", "1"))
    blocks = json.loads(json.dumps(card.message().blocks))
    assert message_problems(blocks) == []
    assert text_length(blocks) < TEXT_IN_BLOCKS
    assert CUT in json.dumps(blocks, ensure_ascii=False)
    assert blocks[-1]["type"] == "actions"
