"""One calendar for several processes: real time, and what a test has skipped, which stands in a file."""

import asyncio
import mmap
import struct
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

_ROW = struct.Struct("dd")


class SharedCalendar:
    """A `Clock` that all processes with the same `file` share; what is skipped passes on both its clocks."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_ROW.pack(0.0, 0.0))
        with file.open("r+b") as opened:
            self._row = mmap.mmap(opened.fileno(), _ROW.size)
        self._asleep: set[asyncio.Event] = set()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skipped)

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    async def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        moved = asyncio.Event()
        self._asleep.add(moved)
        try:
            while (left := (until - self.now()).total_seconds()) > 0:
                moved.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), left)
        finally:
            self._asleep.discard(moved)

    def look(self) -> None:
        """Whoever sleeps in this process sees what was skipped."""
        for moved in self._asleep:
            moved.set()

    @property
    def skipped(self) -> float:
        """All seconds that were skipped so far."""
        return float(_ROW.unpack_from(self._row)[0])

    @property
    def followed(self) -> bool:
        """Whether whoever follows has done all that there was to do at this moment."""
        skipped, seen = _ROW.unpack_from(self._row)
        return bool(seen == skipped)

    def skip(self, seconds: float) -> None:
        """Let `seconds` pass at once, for everybody. Only one process may."""
        skipped, seen = _ROW.unpack_from(self._row)
        _ROW.pack_into(self._row, 0, skipped + seconds, seen)
        self.look()

    def follow(self, skipped: float) -> None:
        """All is done that there was to do when so many seconds were skipped. Only one process may."""
        _ROW.pack_into(self._row, 0, self.skipped, skipped)

    def close(self) -> None:
        self._row.close()
