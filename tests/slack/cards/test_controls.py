"""Buttons, menus and mentions as Slack takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.slack.blockkit import message_problems
from bot.slack.cards.blocks.controls import Button, Dialog, Menu, PersonPicker
from bot.slack.cards.blocks.rich import At, Card, Channel, GroupMention, Link, PersonMention
from tests.builders import NOW


@given(st.text(), st.text(), st.text(min_size=1, max_size=100))
def test_any_text_fits(label: str, long: str, value: str) -> None:
    """Whatever stands on a button, in a dialog, a menu or a title is cut to what Slack takes."""
    dialog = Dialog(long * 50, long * 300, long * 20, danger=True)
    card = Card()
    card.header(long * 100)
    card.line("Writes: ", label)
    card.divider()
    card.actions(
        Button(label * 30, "a", value, "danger", dialog),
        Menu("b", ((label * 30, value), ("other", value))),
        PersonPicker(label * 30, "c"),
        None,
        block_id="row",
    )
    card.context(long)
    message = card.message()
    assert message_problems(list(message.blocks)) == []
    assert [block["type"] for block in message.blocks] == [
        "header",
        "rich_text",
        "divider",
        "actions",
        "context",
    ]


def test_a_value_is_never_cut() -> None:
    """A value that Slack would refuse is an error here: cut, it would mean something else."""
    with pytest.raises(ValueError, match="value"):
        Button("x", "a", "v" * 2_001).element()
    with pytest.raises(ValueError, match="choices"):
        Menu("a", (("x", "v" * 151),)).element()
    with pytest.raises(ValueError, match="choices"):
        Menu("a", ()).element()


def test_mentions_are_elements_of_their_own() -> None:
    """People, groups, channels and links are live where the card means them; in plain text they are names."""
    card = Card()
    card.line(
        PersonMention("U0ANA", "Ana"),
        " ",
        PersonMention("U0BEN"),
        " ",
        GroupMention("S0DBAS", "dbas"),
        " ",
        Channel("C0DB"),
    )
    card.line(Link("https://acme.slack.com/archives/C0DB/p1", "look at it"))
    found = [one["type"] for one in card.message().blocks[0]["elements"][0]["elements"]]
    assert [kind for kind in found if kind != "text"] == ["user", "user", "usergroup", "channel", "link"]
    assert card.message().plain == (
        "@Ana @U0BEN @dbas #C0DB\nlook at it (https://acme.slack.com/archives/C0DB/p1)"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "slack://open", "", "https://" + "x" * 4_000])
def test_other_addresses_stay_text(url: str) -> None:
    """What is no web address, or longer than Slack takes, is shown and not linked."""
    card = Card()
    card.line("see ", Link(url, "here"))
    message = card.message()
    assert {one["type"] for one in message.blocks[0]["elements"][0]["elements"]} == {"text"}
    assert message_problems(list(message.blocks)) == []


def test_an_empty_row_is_left_out() -> None:
    """A card without anything to press has no row for it."""
    card = Card()
    card.line("x")
    card.actions(None)
    assert len(card.message().blocks) == 1


def test_seconds_in_the_fallback() -> None:
    """A time to the second has its seconds in UTC as well."""
    card = Card()
    card.line(At(NOW, "{time_secs}"), " ", At(NOW, "{date_short_pretty} {time_secs}"))
    assert card.message().plain == "02:14:00 UTC 23 Nov 02:14:00 UTC"


def test_a_moment_that_slack_cannot_show_is_text() -> None:
    """A time before 1970 is written out instead of breaking the message."""
    card = Card()
    card.line(At(NOW.replace(year=1960)))
    message = card.message()
    assert message_problems(list(message.blocks)) == []
    assert message.plain == "23 Nov 02:14 UTC"
