"""Two processes must not run the bot on one SQLite file: each would take the other's work for its own."""

import os
import sys
from pathlib import Path

from bot.store.errors import DatabaseInUseError, DatabaseUnavailableError

if sys.platform != "win32":
    import fcntl


class FileGuard:
    """Holds `<file>.lock` until `release` or until the process ends, in whatever way.

    Where there is no database file yet, makes one that only its owner can read. Raises `DatabaseInUseError`
    when the lock is held, `DatabaseUnavailableError` when a file cannot be opened. On Windows it guards
    nothing.
    """

    def __init__(self, file: Path) -> None:
        try:
            file.touch(mode=0o600)
            self._descriptor = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            msg = f"the database file {file} cannot be opened: {error.strerror}"
            raise DatabaseUnavailableError(msg) from error
        try:
            if sys.platform != "win32":
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            msg = f"another process is using {file}; stop it, or use PostgreSQL to run several"
            raise DatabaseInUseError(msg) from error
        except OSError as error:
            os.close(self._descriptor)
            msg = f"{file}.lock cannot be locked: {error.strerror}"
            raise DatabaseUnavailableError(msg) from error

    def release(self) -> None:
        """Let go. The lock file stays: were it removed, two processes could hold two files of one name."""
        os.close(self._descriptor)
