"""What the settings and the policy file say by themselves."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, warning

_OWN_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_CHANNEL: Final = "Set WORKFLOW_BOT_CHANNEL, or a channel for it in the policy file."


async def warnings_of_policy(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """What the policy file says that can hardly be meant."""
    return [warning(line) for line in subject.policy.warnings]


async def settings(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """They were read already, so they are complete; what they leave unsaid is named."""
    silent = [
        warning(f"what is found in {database} is told nowhere. {_CHANNEL}")
        for database in _told_nowhere(subject)
    ]
    note = subject.settings.route.note
    return [*silent, *_in_the_clear(subject), *([warning(note)] if note else []), good("complete")]


def _in_the_clear(subject: DiagnosticSubject) -> Iterator[DiagnosticFinding]:
    """Addresses to which tokens would be sent for everybody on the way to read."""
    settings = subject.settings
    addresses = {
        "SLACK_API_URL": settings.slack_api_url,
        "PLANETSCALE_API_URL": settings.planetscale_api_url,
    }
    for name, address in addresses.items():
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname not in _OWN_MACHINE:
            yield warning(f"{name} begins with http: tokens are sent there for all on the way to read.")


def _told_nowhere(subject: DiagnosticSubject) -> Iterator[str]:
    """Databases that are looked through although there is no channel to tell what is found."""
    for one in subject.settings.organizations:
        for database in one.databases:
            if not (subject.policy.terms_for(one.name, database).channel or subject.settings.channel):
                yield database
