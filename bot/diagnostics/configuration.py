"""What the settings and the policy file say by themselves."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, warning

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
    return [*silent, *([warning(note)] if note else []), good("complete")]


def _told_nowhere(subject: DiagnosticSubject) -> Iterator[str]:
    """Databases that are looked through although there is no channel to tell what is found."""
    for one in subject.settings.organizations:
        for database in one.databases:
            if not (subject.policy.terms_for(one.name, database).channel or subject.settings.channel):
                yield database
