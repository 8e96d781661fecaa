"""kill -9 at any moment: SQLite keeps all of a transaction or nothing of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copy

import pytest

from bot.store.engine.database import Database
from tests.store.rows import lease_names

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """A file with the current schema."""
    return f"sqlite:///{copy(sqlite_template, tmp_path / 'bot.sqlite3')}"


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    """Start the victim; it is gone when the test is over."""
    with ExitStack() as started:

        def run(mode: str) -> "subprocess.Popen[str]":
            process = subprocess.Popen(  # noqa: S603 - this very Python, arguments of our own
                [sys.executable, "-m", "tests.store.victim", url, mode],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield run


def read_lines(process: "subprocess.Popen[str]", number: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(number)]


async def test_killed_in_the_middle(start: Start, url: str) -> None:
    """A bot killed in the middle of a transaction has done nothing of it, and can start again at once."""
    victim = start("middle")
    assert read_lines(victim, 1) == ["written, not committed"]
    victim.kill()
    victim.wait()
    async with Database(url, begin_within=30) as database:
        assert await database.read(lease_names) == []


async def test_killed_at_any_moment(start: Start, url: str) -> None:
    """What was acknowledged before a kill is there, and there are no halves."""
    victim = start("loop")
    acknowledged = read_lines(victim, 25)
    victim.kill()
    rest, _ = victim.communicate()
    acknowledged += rest.split("\n")[:-1]
    async with Database(url, begin_within=30) as database:
        names = await database.read(lease_names)
    halves = [{name.partition(":")[0] for name in names if name.endswith(half)} for half in (":a", ":b")]
    assert halves[0] == halves[1]
    assert halves[0] >= set(acknowledged)
