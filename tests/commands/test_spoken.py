"""What is said to the bot in a message, as the line that would be typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.spoken import said_alone, said_to

BOT = "U0WFBOT"
AT = f"<@{BOT}>"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{AT} show shop 3", "show shop 3"),
        (f"<@{BOT}|workflow bot> show shop 3", "show shop 3"),
        (f"*{AT} show shop 3*", "show shop 3"),
        (f"_*{AT} show shop 3*_", "show shop 3"),
        (f"{AT} *show shop 3*", "show shop 3"),
        (f"{AT}: show *shop* 3?", "show shop 3"),
        (f"{AT} show my_shop_ 3", "show my_shop_ 3"),
        (f"{AT} history shop --by <@U0ANA|ana>", "history shop --by <@U0ANA>"),
        (f"{AT} show <https://shop.io|shop.io> 3", "show shop.io 3"),
        (f"{AT} show <https://shop.io> 3", "show https://shop.io 3"),
        (f"{AT} watch in <#C0MOVES|moves>", "watch in #moves"),
        (f"{AT} <!here> <!subteam^S0|@dbas>", "@here @dbas"),
        (f"{AT} show a&lt;b", "show a&lt;b"),
        (f"{AT}\n\n show shop 3\nthanks", "show shop 3"),
        (f"{AT} {AT} show shop 3", f"{AT} show shop 3"),
        (AT, ""),
        ("<@W0WFBOT> show shop 3", "show shop 3"),
        ("", ""),
    ],
)
def test_the_line_of_a_mention(text: str, line: str) -> None:
    """However a mention is written, the line is what stands after it, without Slack's markup."""
    assert said_to(BOT, text).line == line


@pytest.mark.parametrize(
    ("text", "first"), [(f"*{AT} x*", True), (f"&gt; {AT} x", True), (f" {AT}", True), (f"no, {AT} x", False)]
)
def test_whether_it_is_said_to_the_bot_first(text: str, first: bool) -> None:
    """It is known whether a message begins with the bot's name, or speaks of it in the middle."""
    assert said_to(BOT, text).first is first


@pytest.mark.parametrize(
    "text", ["show shop 3", f"{AT} show shop 3", f" {AT}, show shop 3!", "*show shop 3*"]
)
def test_where_nobody_else_reads_no_name_is_needed(text: str) -> None:
    """In a direct message the line may stand alone."""
    assert said_alone(BOT, text).line == "show shop 3"


@given(st.text(alphabet=st.sampled_from(list("<>@|*_~` \n&;U0WFBOTshow3")), max_size=200))
def test_whatever_is_said_is_one_line(text: str) -> None:
    """Any message can be read, and comes to one line."""
    for spoken in (said_to(BOT, text), said_alone(BOT, text), said_to(BOT, f"{text}{AT}{text}")):
        assert "\n" not in spoken.line
