"""Real processes of the bot, as somebody's machine runs them: started, killed, stopped, started again."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import httpx

STARTS_WITHIN: Final = 120.0
"""Real seconds: five of them start at once on whatever machine this is."""
_KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
_LOOK_AGAIN: Final = 0.1
_ANSWERS_WITHIN: Final = 5.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(slots=True)
class BotProcess:
    """One place where a process of the bot runs, again and again."""

    name: str
    role: str
    """The sub-command: `web` or `worker`."""
    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    stopped: bool = False
    works: bool = False
    """It said so since it was started."""
    leaves: bool = False
    """It was told to stop."""
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _out: IO[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; it is on its way when this returns."""
        self._forget()
        self._out = self.log.open("ab")
        program = Path(sys.executable).with_name("workflow-bot")
        self._process = subprocess.Popen(
            [program, self.role],
            env={**self.environment, "PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            cwd=self.log.parent,
        )
        self.stopped = self.works = False
        self.starts += 1

    async def look(self, client: httpx.AsyncClient) -> None:
        """Ask it whether it works, and start it again if it has ended: as whoever supervises it does."""
        if not self.runs and not self.leaves:
            self.start()
        elif not (self.works or self.stopped or self.leaves):
            with contextlib.suppress(httpx.HTTPError):
                self.works = (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process and self.runs:
            self._process.send_signal(number)

    def kill(self) -> None:
        """-9, also while it is stopped."""
        self.send(signal.SIGKILL)
        self._forget()
        self.works = False

    def stop(self) -> None:
        """It stands still until `go_on`."""
        self.send(signal.SIGSTOP)
        self.stopped = True

    def go_on(self) -> None:
        self.send(signal.SIGCONT)
        self.stopped = False

    async def end(self, within: float) -> int:
        """Tell it to stop; its exit code. Raises `TimeoutError`."""
        process = self._process
        assert process
        self.works, self.leaves = False, True
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within):
                while process.poll() is None:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(_LOOK_AGAIN)
        finally:
            self.leaves = False
        return int(process.returncode)

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines that it logged, in all of its lives; what is no JSON as `raw`."""
        if not self.log.exists():
            return
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                found = {"raw": line}
            yield found if isinstance(found, dict) else {"raw": line}

    def tail(self) -> str:
        """The end of its log, for people."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:]) if self.log.exists() else ""

    def _forget(self) -> None:
        if self._process:
            self._process.wait()
        if self._out:
            self._out.close()
        self._process = self._out = None


class Cluster:
    """All processes of one bot."""

    def __init__(self, roles: Mapping[str, int], environment: Mapping[str, str], folder: Path) -> None:
        """`roles`: how many of each sub-command."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = kept | dict(environment)
        self.processes = [
            BotProcess(f"{role}-{number}", role, own, folder / f"{role}-{number}.log")
            for role, count in roles.items()
            for number in range(1, count + 1)
        ]

    def of(self, role: str) -> list[BotProcess]:
        return [one for one in self.processes if one.role == role]

    @property
    def webs(self) -> list[BotProcess]:
        """Those that Slack reaches."""
        return self.of("web")

    @property
    def workers(self) -> list[BotProcess]:
        """Those that poll, send and deliver."""
        return self.of("worker")

    async def tend(self) -> None:
        """Start them, and start again whichever ends, until this is cancelled."""
        async with httpx.AsyncClient(trust_env=False, timeout=_ANSWERS_WITHIN) as client:
            while True:
                await asyncio.gather(*(one.look(client) for one in self.processes))
                await asyncio.sleep(_LOOK_AGAIN)

    async def until_all_work(self) -> None:
        """Return once all of them work. Raises `TimeoutError`."""
        async with asyncio.timeout(STARTS_WITHIN):
            while not all(one.works for one in self.processes):  # noqa: ASYNC110 - other processes
                await asyncio.sleep(_LOOK_AGAIN)

    def kill(self) -> None:
        """The end, whatever they are doing."""
        for one in self.processes:
            one.kill()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What all of them logged."""
        return itertools.chain.from_iterable(one.lines() for one in self.processes)
