"""What is remembered of Slack's answers about channels: a minute long, and of a bounded number."""

from typing import Any

from bot.demo.clock import ManualClock
from bot.slack.approvers import CHANNEL_IS_FRESH_FOR, CHANNELS_KEPT, Approvers


class Channels:
    """Slack, as far as it tells of channels."""

    def __init__(self, **told: Any) -> None:
        self.told: dict[str, Any] | None = told
        self.asked: list[str] = []

    async def conversations_info(self, *, channel: str) -> dict[str, Any]:
        self.asked.append(channel)
        return {"channel": self.told}


def approvers(slack: Channels, clock: ManualClock) -> Approvers:
    client: Any = slack
    people: Any = None
    return Approvers(client, people, clock)


async def test_it_is_known_for_a_minute() -> None:
    """Who reads a channel is asked again after a minute, be it shared or not, and not before."""
    clock, slack = ManualClock(), Channels(is_ext_shared=False, is_pending_ext_shared=True)
    found = approvers(slack, clock)
    assert await found.shared("C1") is True
    slack.told = {"is_ext_shared": False, "is_pending_ext_shared": False}
    clock.advance(CHANNEL_IS_FRESH_FOR - 1)
    assert await found.shared("C1") is True
    clock.advance(1)
    assert await found.shared("C1") is False
    assert slack.asked == ["C1", "C1"]


async def test_a_strange_answer_is_a_doubt() -> None:
    """An answer that describes no channel says nothing about who reads it, and is not remembered."""
    slack = Channels()
    found = approvers(slack, ManualClock())
    slack.told = None
    assert await found.shared("C1") is None
    slack.told = {"is_ext_shared": True}
    assert await found.shared("C1") is True


async def test_what_is_remembered_is_bounded() -> None:
    """However many channels are asked about, only the latest are remembered."""
    slack = Channels(is_ext_shared=False)
    found = approvers(slack, ManualClock())
    for number in range(CHANNELS_KEPT + 1):
        await found.shared(f"C{number}")
    await found.shared(f"C{CHANNELS_KEPT}")
    assert len(slack.asked) == CHANNELS_KEPT + 1
    await found.shared("C0")
    assert len(slack.asked) == CHANNELS_KEPT + 2
