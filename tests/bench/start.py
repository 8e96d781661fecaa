"""From `workflow-bot run` to `/readyz` saying 200."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bot.clock import SystemClock
from bot.demo.house import House
from tests.serve import serve

ROUNDS = 5


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def _one(environ: dict[str, str], port: int) -> float:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environ)  # noqa: ASYNC220
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        return time.perf_counter() - began
                except httpx.TransportError:
                    await asyncio.sleep(0.005)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def report(folder: Path) -> None:
    """Print the median over a few starts."""
    house = House(SystemClock())
    async with serve(house.app) as url:
        settings = house.move_in(url)
        times = []
        for _ in range(ROUNDS):
            port = _free_port()
            given = settings.model_dump(by_alias=True)
            environ = {
                name: getattr(value, "get_secret_value", lambda value=value: str(value))()
                for name, value in given.items()
                if value not in (None, ())
            }
            environ |= {
                "PORT": str(port),
                "PATH": os.environ["PATH"],
                "WORKFLOW_BOT_LOG_LEVEL": "error",
                "WORKFLOW_BOT_APPROVAL_TTL": "30m",
                "DATABASE_URL": f"sqlite:///{folder}/bench-{port}.sqlite3",
            }
            times.append(await _one(environ, port))
        await house.close()
    print(f"Start to ready: median {statistics.median(times):.2f} s, slowest of {ROUNDS} {max(times):.2f} s")
