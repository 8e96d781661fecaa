"""One calendar for several processes: real time, and what a test has skipped, which stands in a file."""

import asyncio
import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_ROW = struct.Struct("dd")
_LOOK_AGAIN = 0.01


class SharedCalendar:
    """A `Clock` whose calendar all processes with the same `file` share. Its `monotonic` is the machine's.

    `follows`: it notes in the file how much of what was skipped it has seen.
    """

    def __init__(self, file: Path, *, follows: bool = False) -> None:
        if not file.exists():
            file.write_bytes(_ROW.pack(0.0, 0.0))
        with file.open("r+b") as opened:
            self._row = mmap.mmap(opened.fileno(), _ROW.size)
        self._follows = follows

    def now(self) -> datetime:
        skipped, seen = _ROW.unpack_from(self._row)
        if self._follows and seen != skipped:
            _ROW.pack_into(self._row, 0, skipped, skipped)
        return datetime.now(UTC) + timedelta(seconds=skipped)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - another process moves it
            await asyncio.sleep(min(left, _LOOK_AGAIN))

    @property
    def followed(self) -> bool:
        """Whether whoever follows has seen all that was skipped."""
        skipped, seen = _ROW.unpack_from(self._row)
        return bool(seen == skipped)

    def skip(self, seconds: float) -> None:
        """Let `seconds` pass at once, for everybody. Only one process may."""
        skipped, seen = _ROW.unpack_from(self._row)
        _ROW.pack_into(self._row, 0, skipped + seconds, seen)

    def close(self) -> None:
        self._row.close()
