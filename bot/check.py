"""`workflow-bot check`: would the bot work with these settings? Changes nothing anywhere."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, Final

import structlog

from bot import __version__
from bot.clients import slack_client
from bot.clock import Clock, SystemClock
from bot.diagnostics import (
    clock_offset,
    configuration,
    database_address,
    file_modes,
    named,
    planetscale,
    ports,
    proxy,
    sample_cards,
    slack,
)
from bot.diagnostics.check_model import (
    Check,
    DiagnosticFinding,
    DiagnosticSubject,
    Status,
    Trial,
    problem,
)
from bot.logs import configure_logs
from bot.settings import Settings, SettingsError, read_policy

log = structlog.stdlib.get_logger(__name__)

Say = Callable[[str], None]
Found = tuple[str, DiagnosticFinding]
"""The check's name, and what it found."""

CHECKS: Final = (
    Check("Policy", configuration.warnings_of_policy),
    Check("Settings", configuration.settings),
    Check("Files", file_modes.modes),
    Check("Database", database_address.database),
    Check("Ports", ports.ports),
    Check("Proxy", proxy.proxy),
    Check("Slack", slack.bot_token, needs=proxy.proxy),
    Check("Slack", slack.scopes, needs=slack.bot_token),
    Check("Slack", slack.app_token, needs=slack.bot_token),
    Check("Policy", named.named, needs=slack.bot_token),
    Check("Cards", sample_cards.cards, needs=slack.bot_token),
    Check("Clock", clock_offset.clock),
    Check("PlanetScale", planetscale.tokens),
)
"""In the order in which they are tried and told. A new one is a line here and a function in `diagnostics`."""
_MARKS: Final = {
    Status.OK: "ok",
    Status.WARNING: "warning",
    Status.PROBLEM: "PROBLEM",
    Status.NOT_TRIED: "not tried",
}


async def check(settings: Settings, say: Say, machine: Clock | None = None) -> int:
    """Say a line for each thing that was tried, as it is found; 0 when none of them is a problem."""
    works = True
    async for name, finding in _findings(settings, machine):
        works = works and finding.status is not Status.PROBLEM
        say(
            f"{_MARKS[finding.status]:9} {name}{', ' if finding.about else ''}{finding.about}: {finding.text}"
        )
    return 0 if works else 1


async def check_as_json(settings: Settings, say: Say, machine: Clock | None = None) -> int:
    """The same as one JSON object."""
    return _as_json([found async for found in _findings(settings, machine)], say)


def refused_as_json(error: SettingsError, say: Say) -> None:
    """What is said where the settings are not complete, so that nothing else can be tried."""
    _as_json([("Settings", problem(line)) for line in error.lines], say)


def _as_json(found: Iterable[Found], say: Say) -> int:
    checks = [
        {"check": name, "about": one.about or None, "status": one.status, "text": one.text}
        for name, one in found
    ]
    works = all(one["status"] is not Status.PROBLEM for one in checks)
    answer: dict[str, Any] = {"version": __version__, "ok": works, "checks": checks}
    say(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0 if works else 1


async def _findings(settings: Settings, machine: Clock | None) -> AsyncIterator[Found]:
    configure_logs("warning", settings.log_format, settings.secrets, sys.stderr)
    policy, slack_at = read_policy(settings), slack_client(settings)
    subject = DiagnosticSubject(settings, policy, slack_at, machine or SystemClock())
    broken: set[Trial | None] = set()
    for one in CHECKS:
        if one.needs in broken:
            broken.add(one.trial)
            continue
        for finding in await _tried(one, subject):
            yield one.name, finding
            if finding.status is Status.PROBLEM:
                broken.add(one.trial)


async def _tried(one: Check, subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    try:
        return await one.trial(subject)
    except Exception as error:  # the edge of each: what one stumbles over hides no other
        log.exception("check_failed", check=one.name)
        return [problem(f"could not be tried ({type(error).__name__}): see the log.")]
