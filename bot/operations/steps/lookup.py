"""One look-up of somebody at Slack, bounded: whoever Slack is slow about is in doubt, and holds up nobody."""

import asyncio
from typing import Final

from bot.approvals.people import NamedPeople, Person, Standing
from bot.operations.ports import Directory, Known

ANSWERS_WITHIN: Final = 3.0
"""Seconds of a real network; Slack needs a fraction of one."""


async def look_up(people: Directory, user: str, *named: NamedPeople, within: float = ANSWERS_WITHIN) -> Known:
    """The person, or nobody known if Slack takes its time."""
    try:
        async with asyncio.timeout(within):
            return await people.who(user, *named)
    except TimeoutError:
        return Known(Person(user, Standing.UNKNOWN), user)
