"""Whether other users of the machine could read what is secret, or change what the bot goes by."""

import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem
from bot.settings import Settings
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.files import exposed, files_of_database


async def modes(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """The `.env` file, the database with what is beside it, and the policy file, as far as they are there."""
    settings = subject.settings
    secret = [file for file in (settings.env_file, *_of_database(settings)) if file and file.exists()]
    open_to_others = [*map(exposed, secret), _changeable(settings.policy)]
    found = [problem(f"{said}.") for said in open_to_others if said]
    if found or not secret:
        return found
    return [good(f"nobody else on this machine can open {', '.join(str(file) for file in secret[:2])}")]


def _of_database(settings: Settings) -> Sequence[Path]:
    file = file_of(parse_address(settings.database_url))
    return files_of_database(file) if file else ()


def _changeable(policy: Path | None) -> str | None:
    """Whoever can change the policy decides who may approve. Reading it harms nobody."""
    if policy is None or sys.platform == "win32":
        return None
    mode = stat.S_IMODE(policy.stat().st_mode)
    return f"Other users of this machine can change {policy}: chmod go-w {policy}" if mode & 0o022 else None
