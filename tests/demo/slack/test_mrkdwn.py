"""What a person reads of a text, and what of it is live."""

from datetime import UTC, datetime

import pytest

from bot.demo.clock import ManualClock
from bot.demo.slack import SmallSlack
from bot.demo.slack.model import Message
from bot.demo.slack.mrkdwn import parse
from bot.demo.slack.people import BEN, DB_MOVES


def message(text: str) -> Message:
    return Message(channel=DB_MOVES, ts="1.0", user="U0WFBOT", text=text)


@pytest.fixture
def slack() -> SmallSlack:
    return SmallSlack(ManualClock())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("*bold* _it_ ~st~ `code`", "bold it st code"),
        ("2 * 3 * 4, snake_case_name, a~b", "2 * 3 * 4, snake_case_name, a~b"),
        ("*_both_*", "both"),
        ("`*not bold*`", "*not bold*"),
        ("```\na  b\nc  d\n```", "a  b\nc  d"),
        ("> said\nanswer", "said\nanswer"),
        ("<@U0ANA> in <#C0DBMOVES>, <!subteam^S0DBAS>", "@Ana in #db-moves, @dbas"),
        ("<!channel>", "@channel"),
        ("<https://example.com|there>", "there"),
        ("see https://example.com/a.", "see https://example.com/a."),
        ("&lt;!channel&gt; &amp;amp; *x*", "<!channel> &amp; x"),
        ("<javascript:alert(1)|x>", "<javascript:alert(1)|x>"),
        (":warning: :no_such_sign:", "⚠️ :no_such_sign:"),
    ],
)
def test_what_is_read(slack: SmallSlack, text: str, read: str) -> None:
    """Marks become formatting, ids become names, escapes become characters."""
    assert slack.visible_text(message(text)) == read


@pytest.mark.parametrize(
    ("text", "live"),
    [
        ("<!channel>", ["broadcast @channel"]),
        ("<@U0ANA>", ["user @Ana"]),
        ("`<!here>`", ["broadcast @here"]),
        ("```<!here>```", ["broadcast @here"]),
        ("<https://evil.invalid|click>", ["link click → https://evil.invalid"]),
        (
            "&lt;!channel&gt; &lt;https://evil.invalid|click&gt;",
            ["link https://evil.invalid → https://evil.invalid"],
        ),
        ("&lt;!channel&gt; &lt;@U0ANA&gt;", []),
        ("<javascript:alert(1)|x>", []),
    ],
)
def test_what_is_live(slack: SmallSlack, text: str, live: list[str]) -> None:
    """Mentions and links that work are found, in code too; escaped ones are dead, bare addresses links."""
    assert slack.live_markup(message(text)) == live


def test_styles_are_kept() -> None:
    """Nested marks add up."""
    (part,) = parse("*a `b` _c_*")
    styles = [sorted(element.get("style", {})) for element in part["elements"]]
    assert styles == [["bold"], ["bold", "code"], ["bold"], ["bold", "italic"]]


def test_times_are_in_the_readers_zone(slack: SmallSlack) -> None:
    """A date token is read in the reader's own zone, and in UTC by nobody in particular."""
    moment = int(datetime(2026, 11, 23, 2, 44, tzinfo=UTC).timestamp())
    token = message(f"expires <!date^{moment}^{{date_short_pretty}} {{time}}|02:44 UTC>")
    assert slack.visible_text(token) == "expires today 02:44"
    assert slack.visible_text(token, as_user=BEN) == "expires today 03:44"
    assert slack.visible_text(message("<!date^soon^{time}|02:44 UTC>")) == "02:44 UTC"


def test_blocks_are_read_in_lines(slack: SmallSlack) -> None:
    """Blocks are lines; buttons and menus are in brackets."""
    shown = message("only the notification")
    option = {"text": {"type": "plain_text", "text": "Stop watching"}, "value": "stop"}
    shown.blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Cut over"}},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "acme / shop"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "a"},
                {"type": "overflow", "options": [option], "action_id": "b"},
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0BEN"}]},
                    ],
                }
            ],
        },
    ]
    assert slack.visible_text(shown).split("\n") == [
        "Cut over",
        "—",
        "acme / shop",
        "[Approve] [⋯: Stop watching]",
        "1. one",
        "2. @Ben",
    ]
