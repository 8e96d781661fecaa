"""`python -m tests.store.victim URL middle|loop`: a process that writes pairs of rows until it is killed."""

import asyncio
import sys

from sqlalchemy import Connection

from bot.store.engine.database import Database
from tests.store.rows import add_lease


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def pair(connection: Connection, number: int) -> None:
    add_lease(connection, f"{number}:a")
    add_lease(connection, f"{number}:b")


def stop_half_way(connection: Connection) -> None:
    pair(connection, 1)
    say("written, not committed")
    sys.stdin.read()


async def main(url: str, mode: str) -> None:
    async with Database(url, begin_within=30) as database:
        if mode == "middle":
            await database.write(stop_half_way)
        for number in range(1_000_000):
            await database.write(pair, number)
            say(str(number))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
