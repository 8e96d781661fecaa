"""`make bench`"""

import asyncio
import os
import tempfile
from pathlib import Path

from tests.bench import acks, start


async def main() -> None:
    """Run every benchmark, one after the other."""
    print(f"{os.cpu_count()} cores. Ratios matter; absolute figures drift from machine to machine.\n")
    await acks.report()
    print()
    with tempfile.TemporaryDirectory() as folder:
        await start.report(Path(folder))


asyncio.run(main())
