"""Two processes must not run the bot on one SQLite file: each would take the other's work for its own."""

import os
import sys
from pathlib import Path

from bot.store.engine.files import identity
from bot.store.errors import DatabaseInUseError, DatabaseUnavailableError

if sys.platform != "win32":
    import fcntl


class FileGuard:
    """Holds the lock of an SQLite file until `release` or until the process ends, in whatever way.

    The lock is `<file>.lock` beside the file that a link leads to, so it is the same one by whatever name
    the file is found. It is not on the file itself: closing that would drop SQLite's own locks. Where there
    is no database file yet, makes one that only its owner can read. Raises `DatabaseInUseError` when the
    lock is held, `DatabaseUnavailableError` when a file cannot be opened. On Windows it locks nothing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()
        real = Path(os.path.realpath(self._file))
        try:
            real.touch(mode=0o600)
            self._descriptor = os.open(f"{real}.lock", os.O_RDWR | os.O_CREAT, 0o600)
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
            msg = f"{real}.lock cannot be locked: {error.strerror}"
            raise DatabaseUnavailableError(msg) from error
        self._identity = identity(self._file)

    def check(self) -> None:
        """Raise `DatabaseUnavailableError` once the name leads to another file, or to none.

        What is written to a file without a name is lost with the process.
        """
        if (now := identity(self._file)) != self._identity:
            what = "deleted" if now is None else "replaced"
            msg = (
                f"the database file {self._file} was {what} under the running bot: stop it and put that back"
            )
            raise DatabaseUnavailableError(msg)

    def release(self) -> None:
        """Let go. The lock file stays: were it removed, two processes could hold two files of one name."""
        os.close(self._descriptor)
