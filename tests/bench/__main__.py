"""`make bench`"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from bot.logs import configure_logs
from tests.bench import acks, actions, eta, start, watching


async def main() -> None:
    """Run every benchmark, one after the other."""
    print(f"{os.cpu_count()} cores. Ratios matter; absolute figures drift from machine to machine.\n")
    configure_logs("error", "json", stream=sys.stderr)
    await acks.report()
    print()
    await actions.report()
    print()
    with tempfile.TemporaryDirectory() as folder:
        await start.report(Path(folder))
    print()
    eta.report()
    print()
    await watching.report()


asyncio.run(main())
