"""What an SQLite file has to be before anything opens it: a plain file, with one name, the bot's own."""

import os
import stat
import sys
from pathlib import Path
from typing import Final

from bot.store.errors import DatabaseUnavailableError

_MOUNTS: Final = Path("/proc/self/mountinfo")
_ESCAPED: Final = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def refuse_odd(file: Path) -> None:
    """Raise `DatabaseUnavailableError` for what SQLite cannot keep safe under this name.

    Its write-ahead log stands beside the file, under the file's name: a second name, or a file that is
    mounted alone, would have a log of its own, and two of them destroy the file. A file that is not there
    yet is fine.
    """
    try:
        found = file.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        msg = f"the database file {file} cannot be opened: {error.strerror}"
        raise DatabaseUnavailableError(msg) from error
    if not stat.S_ISREG(found.st_mode):
        msg = f"{file} is no file: name a file for the database"
        raise DatabaseUnavailableError(msg)
    if found.st_nlink > 1:
        msg = (
            f"the database file {file} has {found.st_nlink} names (hard links), and each would have a log of "
            "its own, which destroys it: remove all but one of them"
        )
        raise DatabaseUnavailableError(msg)
    if Path(os.path.realpath(file)) in _mount_points():
        msg = (
            f"the database file {file} is mounted by itself, and its log would stay outside: "
            "mount the folder that it is in"
        )
        raise DatabaseUnavailableError(msg)
    _refuse_forbidden(file)


def exposed(file: Path) -> str | None:
    """A sentence, where other users of the machine can read or change the file.

    That its group can read a file of somebody else's is how the bot reads it itself, and no fault.
    """
    if sys.platform == "win32":
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    mode = stat.S_IMODE(found.st_mode)
    kept = 0o600 if found.st_uid == os.geteuid() else 0o640
    if not mode & 0o066 & ~kept:
        return None
    return f"Other users of this machine can open {file} (mode {mode:03o}): chmod {kept:03o} {file}"


def files_of_database(file: Path) -> tuple[Path, ...]:
    """The database file, and what SQLite and the bot keep beside it while they use it."""
    real = Path(os.path.realpath(file))
    return (file, *(real.with_name(f"{real.name}{end}") for end in ("-wal", "-shm", "-journal", ".lock")))


def identity(file: Path) -> tuple[int, int] | None:
    """Which file has this name now; `None` if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refuse_forbidden(file: Path) -> None:
    folder = Path(os.path.realpath(file)).parent
    if not os.access(file, os.R_OK | os.W_OK):
        msg = f"this user may not read and write the database file {file}: change its owner or its mode"
        raise DatabaseUnavailableError(msg)
    if not os.access(folder, os.W_OK | os.X_OK):
        msg = f"this user may not write to {folder}, where the database keeps its log: change its owner"
        raise DatabaseUnavailableError(msg)


def _mount_points() -> set[Path]:
    """Where something is mounted, as far as the system tells."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return set()
    return {Path(_plain(fields[4])) for fields in (line.split(" ") for line in lines) if len(fields) > 4}


def _plain(escaped: str) -> str:
    for code, character in _ESCAPED.items():
        escaped = escaped.replace(code, character)
    return escaped
