"""`workflow-bot check`: would the bot work with these settings? Changes nothing anywhere."""

import sys
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from bot.clients import slack_client
from bot.clock import Clock, SystemClock
from bot.diagnostics import clock_offset, configuration, database_address, named, planetscale, slack
from bot.diagnostics.check_model import Check, DiagnosticFinding, DiagnosticSubject, Trial, problem
from bot.logs import configure_logs
from bot.settings import Settings, read_policy

log = structlog.stdlib.get_logger(__name__)

Say = Callable[[str], None]

CHECKS: Final = (
    Check("Policy", configuration.warnings_of_policy),
    Check("Settings", configuration.settings),
    Check("Database", database_address.database),
    Check("Slack", slack.bot_token),
    Check("Slack", slack.scopes, needs=slack.bot_token),
    Check("Slack", slack.app_token, needs=slack.bot_token),
    Check("Policy", named.named, needs=slack.bot_token),
    Check("Clock", clock_offset.clock),
    Check("PlanetScale", planetscale.tokens),
)
"""In the order in which they are tried and told. A new one is a line here and a function in `diagnostics`."""


async def check(settings: Settings, say: Say, machine: Clock | None = None) -> int:
    """Say a line for each thing that was tried; 0 when all of them work."""
    configure_logs("warning", settings.log_format, settings.secrets, sys.stderr)
    subject = DiagnosticSubject(
        settings, read_policy(settings), slack_client(settings), machine or SystemClock()
    )
    broken: set[Trial] = set()
    for one in CHECKS:
        if one.needs in broken:
            continue
        for finding in await _tried(one, subject):
            say(f"{one.name}{', ' if finding.about else ''}{finding.about}: {finding.text}")
            if not finding.works:
                broken.add(one.trial)
    return 1 if broken else 0


async def _tried(one: Check, subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    try:
        return await one.trial(subject)
    except Exception as error:  # the edge of each: what one stumbles over hides no other
        log.exception("check_failed", check=one.name)
        return [problem(f"could not be tried ({type(error).__name__}): see the log.")]
