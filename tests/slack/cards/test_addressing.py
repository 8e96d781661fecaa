"""Commands in messages: pasted or pressed, they act in the organization that the message is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import grammar
from bot.commands.lines import chat_line
from bot.commands.model import Command, Help
from bot.commands.parser import parse
from bot.slack.cards.blocks.addressing import addressed, located, typed
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.rich import Card, code

EU = "acme-eu"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/workflow list shop", "/workflow list shop --org=acme-eu"),
        ("/workflow show shop 3", "/workflow show shop 3 --org=acme-eu"),
        ("/workflow list shop --format csv", "/workflow list shop --org=acme-eu --format csv"),
        ("/workflow create shop main -i", "/workflow create shop main --org=acme-eu -i"),
        ("/workflow create shop <BRANCH> -i", "/workflow create shop <BRANCH> --org=acme-eu -i"),
        ("/workflow list &lt;DATABASE&gt;", "/workflow list &lt;DATABASE&gt; --org=acme-eu"),
        ("/workflow approvals", "/workflow approvals --org=acme-eu"),
        ("Back: /workflow retry shop 3, now", "Back: /workflow retry shop 3 --org=acme-eu, now"),
        ("/workflow history shop. Next", "/workflow history shop --org=acme-eu. Next"),
        ("/workflow show shop 3 --org=acme-us", "/workflow show shop 3 --org=acme-us"),
        ("/workflow show shop 3 -f json --org acme-us", "/workflow show shop 3 -f json --org acme-us"),
        (
            "/workflow create shop main '--tables=a, b' --name x --org=acme-us",
            "/workflow create shop main '--tables=a, b' --name x --org=acme-us",
        ),
        (
            "Undo: /workflow retry shop 3\nMoves users from old--orgs to b --org=x",
            "Undo: /workflow retry shop 3 --org=acme-eu\nMoves users from old--orgs to b --org=x",
        ),
        ("/workflow retry shop 3 from old--orgs", "/workflow retry shop 3 --org=acme-eu from old--orgs"),
        ("/workflow cancel shop 3 --force --orgs", "/workflow cancel shop 3 --org=acme-eu --force --orgs"),
        (
            "/workflow retry shop 3 or /workflow list shop --org=acme-us",
            "/workflow retry shop 3 --org=acme-eu or /workflow list shop --org=acme-us",
        ),
        ("/workflow help create", "/workflow help create"),
        ("/workflow", "/workflow"),
        ("/workflows show shop 3", "/workflows show shop 3"),
    ],
)  # fmt: skip
def test_a_command_says_where_it_acts(before: str, after: str) -> None:
    """A command in a text gets the organization where its flags stand; one that names its own keeps it."""
    assert typed(before, EU, "acme") == after
    assert typed(before, "acme", "acme") == before


EXAMPLES = [
    example.line
    for sub in grammar.SUB_COMMANDS
    if sub.makes is not Help
    for example in sub.examples
    if "help" not in example.line
]


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_command_can_be_addressed(line: str) -> None:
    """Every sub-command, as help shows it, still means the same, in the organization that is named."""
    before, after = parse(line), parse(typed(line, EU, "acme"))
    assert isinstance(before, Command)
    assert isinstance(after, Command)
    assert after.organization == EU
    assert chat_line(after).replace(f" --org={EU}", "") == chat_line(before)


def test_a_message_is_addressed_wherever_it_names_a_command() -> None:
    """In words, in the notification, without blocks and on buttons; what is there to copy stays as it is."""
    card = Card()
    card.line("Next: ", code("/workflow show shop 3"))
    card.actions(Button("Go", "op_next.retry", "/workflow retry shop 3"))
    card.preformatted('{"name": "/workflow cancel shop 3"}')
    message = addressed(card.message(), EU, "acme")
    written = str(message.blocks)
    assert "'/workflow show shop 3 --org=acme-eu'" in written
    assert "'/workflow retry shop 3 --org=acme-eu'" in written
    assert '"/workflow cancel shop 3"}' in written
    for text in (message.text, message.plain):
        assert "/workflow show shop 3 --org=acme-eu" in text
    assert addressed(card.message(), "acme", "acme") == card.message()


def test_an_answer_can_name_its_organization() -> None:
    """The organization stands under an answer, and in its plain form."""
    card = Card()
    card.line("1 workflow")
    assert located(card.message(), EU).plain == "1 workflow\nOrganization: acme-eu"


_anything = st.one_of(
    st.text(), st.text("-'\" =org/wkfl\n", max_size=40), st.sampled_from(["--name x --org=y", "-i --org y"])
)


@given(_anything)
def test_addressing_twice_changes_nothing_more(text: str) -> None:
    """Whatever a text is, it is addressed once."""
    once = typed(f"/workflow show shop 3 {text}", EU, "acme")
    assert typed(once, EU, "acme") == once
