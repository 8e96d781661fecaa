"""What the list of a branch's backups says."""

from collections.abc import Iterable
from datetime import datetime

from bot.planetscale.models import Backup

_NO_GOOD = frozenset({"failed", "canceled", "cancelled", "ignored", "error"})
_GOING_ON = "running"


def last_backup(backups: Iterable[Backup]) -> datetime | None:
    """When the last good backup was complete."""
    good = (
        backup.completed_at
        for backup in backups
        if backup.completed_at and (backup.state or "").lower() not in _NO_GOOD
    )
    return max(good, default=None)


def going_on(backups: Iterable[Backup]) -> Backup | None:
    """A backup that is being made."""
    return next((b for b in backups if (b.state or "").lower() == _GOING_ON and b.completed_at is None), None)
