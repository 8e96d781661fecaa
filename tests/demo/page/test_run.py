"""How the demo starts, and what it says when it cannot."""

import asyncio
import logging
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.demo import run
from bot.demo.clock import DemoClock
from bot.demo.house import House
from bot.demo.planetscale.seed import demo_world
from bot.demo.run import remove_leftovers, run_demo
from bot.demo.slack.people import DB_MOVES
from bot.http.server import Server
from bot.store.engine.guard import FileGuard


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the port is taken, that is said in one sentence with the way out, and nothing is logged."""
    said: list[str] = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert await run_demo(port, said.append) == 1
    [line] = said
    assert line.startswith(f"Port {port} is taken. Choose another: PORT=")
    assert capsys.readouterr() == ("", "")


async def test_a_port_that_may_not_be_used_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that the system keeps for itself is not called taken."""

    def refused(_port: int) -> socket.socket:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run, "_listen", refused)
    said: list[str] = []
    assert await run_demo(80, said.append) == 1
    assert said == ["Port 80 cannot be used (Permission denied). Choose another: PORT=3000 make demo"]


async def test_a_server_that_ends_at_once_is_not_called_a_taken_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """An early end for another reason is not blamed on the port."""

    async def ends(_server: Server, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.sleep(0)
        assert sockets

    monkeypatch.setattr(Server, "serve", ends)
    said: list[str] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert await run_demo(port, said.append) == 1
    assert said == ["The demo's server did not start."]


def test_the_demo_finds_some_of_its_workflows() -> None:
    """The demo's bot looks through some databases of its world and tells it in #db-moves; others do not."""
    clock = DemoClock()
    house = House(clock, demo_world(clock.now()))
    given = run.demo_settings(house, "http://127.0.0.1:3000", "/nowhere")
    assert given.channel == DB_MOVES
    assert set(given.databases) < set(house.planetscale.world.databases)
    assert house.move_in("http://127.0.0.1:3000").databases == ()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is guarded there")
def test_what_a_killed_demo_left_is_removed(tmp_path: Path) -> None:
    """The next demo removes the folder of one that was killed; never that of one that runs, or another."""
    for name in ("workflow-bot-demo-killed", "workflow-bot-demo-runs", "workflow-bot-demo-mine", "other"):
        (tmp_path / name).mkdir()
    for name in ("workflow-bot-demo-killed", "workflow-bot-demo-runs", "other"):
        (tmp_path / name / "demo.sqlite3").touch()
    guard = FileGuard(tmp_path / "workflow-bot-demo-runs" / "demo.sqlite3")
    try:
        remove_leftovers(tmp_path)
    finally:
        guard.release()
    left = sorted(folder.name for folder in tmp_path.iterdir())
    assert left == ["other", "workflow-bot-demo-mine", "workflow-bot-demo-runs"]
