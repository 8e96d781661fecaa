"""Whether the machine's clock is right: Slack signs the time, and cards say it."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from bot.clients import reply_client
from bot.clock import Clock
from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem
from bot.settings import Settings

TOLERATED: Final = timedelta(seconds=60)
"""Slack's requests are refused from five minutes on."""
_SECONDS: Final = 5.0
_HALF: Final = timedelta(seconds=0.5)
"""A `Date` is cut to whole seconds."""


async def clock(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """How far the clock is from the `Date` of Slack's and of PlanetScale's answers, where they give one."""
    offsets = await _offsets(subject.settings, subject.clock)
    if not offsets:
        return []
    measured = " and ".join(f"{_words(by)} {name}'s" for name, by in offsets.items())
    if all(abs(by) <= TOLERATED for by in offsets.values()):
        return [good(f"it is {measured}")]
    return [problem(f"it is {measured}. Requests of Slack that are minutes off are refused: set it (NTP).")]


async def _offsets(settings: Settings, clock: Clock) -> dict[str, timedelta]:
    found: dict[str, timedelta] = {}
    direct = httpx.AsyncClient(follow_redirects=False, trust_env=False)
    async with reply_client(settings) as slack, direct as planetscale:
        places = (
            ("Slack", slack, f"{settings.slack_api_url}api.test"),
            ("PlanetScale", planetscale, settings.planetscale_api_url),
        )
        for name, client, address in places:
            offset = await _offset(client, address, clock)
            if offset is not None:
                found[name] = offset
    return found


async def _offset(client: httpx.AsyncClient, address: str, clock: Clock) -> timedelta | None:
    """By how much the machine's clock is ahead; `None` where no answer says what time it is."""
    began = clock.now()
    try:
        async with client.stream("GET", address, timeout=_SECONDS) as answer:
            stated = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (httpx.HTTPError, ValueError):
        return None
    half_way = began + (clock.now() - began) / 2
    return half_way - (stated if stated.tzinfo else stated.replace(tzinfo=UTC)) - _HALF


def _words(ahead: timedelta) -> str:
    seconds = round(abs(ahead.total_seconds()))
    if seconds <= 1:
        return "right by"
    return f"{seconds:,} s {'ahead of' if ahead > timedelta(0) else 'behind'}"
