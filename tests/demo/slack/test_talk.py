"""What people write in the small Slack, and what the app hears of it."""

import pytest

from bot.demo.slack import people, talk
from bot.demo.slack.model import BOT_USER, Message
from bot.demo.slack.people import ANA, DB_MOVES, NO_BOT, OLU, OTHER_BOT, SHARED


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("@Workflow Bot show shop 3", f"<@{BOT_USER}> show shop 3"),
        ("@Ana @Anabel a@Ana", f"<@{ANA}> @Anabel a@Ana"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2>."),
    ],
)
def test_how_a_message_is_kept(typed: str, text: str) -> None:
    """Names and addresses become Slack's markup, everything else is escaped."""
    assert talk.kept(typed, people.people()) == text


def kinds(user: str, channel: str, text: str) -> list[str]:
    message = Message(channel=channel, ts="1.0", user=user, text=text)
    found = talk.events_of(message, people.channels()[channel], people.people()[user])
    return [str(event["type"]) for event in found]


LINK = "<https://app.planetscale.com/acme/shop/workflows/3>"


@pytest.mark.parametrize(
    ("user", "channel", "text", "heard"),
    [
        (ANA, DB_MOVES, f"<@{BOT_USER}> help", ["app_mention"]),
        (ANA, DB_MOVES, "lunch?", []),
        (ANA, DB_MOVES, f"<@{BOT_USER}> {LINK}", ["app_mention", "link_shared"]),
        (ANA, DB_MOVES, "<https://elsewhere.example/app.planetscale.com>", []),
        (ANA, NO_BOT, f"<@{BOT_USER}> {LINK}", []),
        (ANA, "D0ANA", f"<@{BOT_USER}> {LINK}", ["message", "link_shared"]),
        (BOT_USER, "D0ANA", "an answer", ["message"]),
        (OLU, SHARED, f"<@{BOT_USER}>", ["app_mention"]),
    ],
)
def test_what_the_app_hears(user: str, channel: str, text: str, heard: list[str]) -> None:
    """Mentions and links where the app is, and all that is said in its direct messages, its own words too."""
    assert kinds(user, channel, text) == heard


def test_who_says_it_can_be_told() -> None:
    """A bot's message and one of another company are marked as Slack marks them."""
    channels, everyone = people.channels(), people.people()
    for user, mark in ((OTHER_BOT, "bot_id"), (OLU, "user_team"), (BOT_USER, "bot_id")):
        message = Message(channel=SHARED, ts="1.0", user=user, text=f"<@{BOT_USER}>")
        [event] = talk.events_of(message, channels[SHARED], everyone[user])
        assert event[mark]
