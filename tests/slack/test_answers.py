import json

import pytest

from bot.commands.flags import REFUSED
from bot.commands.help import help_page
from bot.demo.slack.blockkit import TEXT_IN_BLOCKS, message_problems, text_length
from bot.slack.cards.answers.brief_answers import (
    MAX_INLINE,
    data_card,
    file_sent_card,
    no_database_card,
    secret_card,
)
from bot.slack.cards.answers.help_answers import help_card
from bot.workflows.export import LEFT_OUT


@pytest.mark.parametrize("flag", [None, *(f"--{name}" for name in REFUSED)])
def test_only_a_token_has_to_be_replaced(flag: str | None) -> None:
    """Who typed an address is told where it belongs; who typed a secret, that it should be replaced."""
    text = secret_card(flag).plain
    assert "refused and not stored" in text
    assert "on the server" in text
    assert ("should be replaced" in text) is (flag not in {"--api-url", "--config"})


@pytest.mark.parametrize("sign", ["x", "&", "表"])
def test_the_longest_data_in_a_message_fits(sign: str) -> None:
    """Data of up to 8,000 characters is a message that Slack takes, and is whole in both of its forms."""
    text = "\n".join([sign * 79] * (MAX_INLINE // 80))
    message = data_card(text, ("A note.",))
    blocks = json.loads(json.dumps(message.blocks))
    assert message_problems(blocks) == []
    assert text_length(blocks) < TEXT_IN_BLOCKS
    assert message.plain.count(sign.replace("&", "&amp;")) == text.count(sign)
    assert len(message.plain) <= 40_000 + len("\n".join((LEFT_OUT, "A note."))) + 1


def test_row_samples_are_spoken_of_where_there_could_be_some() -> None:
    """A list has no samples of rows, so nothing is said to be left out of it."""
    for left_out in (True, False):
        for card in (
            data_card("{}", (), samples_left_out=left_out),
            file_sent_card("x.json", (), samples_left_out=left_out),
        ):
            assert (LEFT_OUT in card.plain) is left_out


def test_a_file_keeps_the_notes() -> None:
    """What there is to say about a question is said beside a file, too."""
    assert file_sent_card("x.json", ("--debug means nothing in chat.",)).plain.endswith(
        "--debug means nothing in chat."
    )


def test_the_nearest_database_is_offered_in_the_line_that_was_typed() -> None:
    """Who asked to see a workflow of a misspelt database is offered that very line."""
    card = no_database_card("shp", "acme", ["shop"], ["shop"], "/workflow show shop 3")
    assert "Did you mean /workflow show shop 3?" in card.plain
    assert "Did you mean /workflow list shop?" in no_database_card("shp", "acme", ["shop"], ["shop"]).plain


def test_warnings_are_read_before_the_flags() -> None:
    """What to know before a cutover stands under its own heading, ahead of flags and examples."""
    lines = help_card(help_page("cutover")).plain.splitlines()
    warning = lines.index("Before you do")
    assert lines[warning + 1].startswith("The application no longer names the source keyspace")
    assert warning < lines.index("Flags") < lines.index("Examples")
    assert "Before you do" not in help_card(help_page("show")).plain
    overview = help_card(help_page(None), ("A note.",)).plain.splitlines()
    assert overview[-1] == "A note."
    assert overview.index("Examples") < overview.index("Good to know")
