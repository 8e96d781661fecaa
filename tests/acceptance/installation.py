"""The installed command, and a street with the stand-ins in which it runs."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.demo.house import ORGANIZATION, TOKEN, TOKEN_ID, House

PATIENCE = 120.0
"""Real seconds after which a thing is given up: far more than it takes, also on a busy machine."""
ENDS_WITHIN = 25.0
"""Seconds, as README promises of SIGTERM."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A virtual environment that holds the wheel."""

    folder: Path

    @property
    def command(self) -> str:
        return str(self.folder / "bin" / "workflow-bot")

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    complaint: str


class Street:
    """A working directory with a `.env`, beside the stand-ins. Nothing of this tree is on any path there."""

    def __init__(self, installation: Installation, house: House, url: str, folder: Path) -> None:
        self.installation, self.house, self.folder = installation, house, folder
        house.move_in(url)
        self.settings = {
            "SLACK_BOT_TOKEN": house.slack.bot_token,
            "SLACK_SIGNING_SECRET": house.slack.signing_secret,
            "SLACK_API_URL": f"{url}/chat/api/",
            "PLANETSCALE_ORG": ORGANIZATION,
            "PLANETSCALE_SERVICE_TOKEN_ID": TOKEN_ID,
            "PLANETSCALE_SERVICE_TOKEN": TOKEN,
            "PLANETSCALE_API_URL": f"{url}/planetscale/",
        }
        self._running: list[asyncio.subprocess.Process] = []
        self.write()

    def write(self, **more: str) -> None:
        """Write `.env`, with these settings besides."""
        self.settings |= more
        file = self.folder / ".env"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()))

    async def say(self, *arguments: str) -> Outcome:
        """Run a command to its end."""
        process = await asyncio.create_subprocess_exec(
            self.installation.command,
            *arguments,
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            out, complaint = await process.communicate()
        return Outcome(process.returncode or 0, out.decode(), complaint.decode())

    @asynccontextmanager
    async def running(self, command: str) -> AsyncIterator["Running"]:
        """A process that runs until the block is left, which ends it as a platform does."""
        port, log = _free_port(), self.folder / f"{command}.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                self.installation.command,
                command,
                cwd=self.folder,
                env=_environment() | {"PORT": str(port)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._running.append(process)
        one = Running(process, port, log)
        await one.ready()
        yield one
        await one.stop()

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        """Return once it is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never: {what}\n{self.logs()}"
            await asyncio.sleep(0.05)

    def logs(self) -> str:
        """The ends of all logs, for whoever reads why a test failed."""
        return "\n".join(f"{log.name}: {log.read_text()[-3000:]}" for log in self.folder.glob("*.log"))

    async def close(self) -> None:
        """End what a failed test left running."""
        for process in self._running:
            if process.returncode is None:
                process.kill()
                await process.wait()


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the bot."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ready(self) -> None:
        """Return once `/readyz` says so."""
        deadline = time.monotonic() + PATIENCE
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:  # noqa: S501 - http, on this machine
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                assert self.process.returncode is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """SIGTERM, and it ends well and soon."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(ENDS_WITHIN):
            assert await self.process.wait() == 0, self.log.read_text()

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def _environment() -> dict[str, str]:
    """A bare one: nothing of the machine's, above all no path to this tree."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
