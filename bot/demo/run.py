"""`workflow-bot demo`: the bot, a small Slack and a small PlanetScale, in one process on one port."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Callable

from bot.app import build
from bot.demo.clock import DemoClock
from bot.demo.house import House
from bot.demo.planetscale.seed import demo_world
from bot.demo.slack.people import DB_MOVES
from bot.logs import configure_logs
from bot.server import build_server, until_told_to_stop

BANNER = """\
Workflow Bot, the demo: a small Slack and a small PlanetScale on your machine. No account, nothing leaves it.

  Open {url}/ in a browser (twice, if you like: you can be several people).
  Try   /workflow help      /workflow list shop      /workflow show shop 3

Ctrl-C ends it; nothing is kept."""


async def run_demo(port: int, say: Callable[[str], None]) -> int:
    """Serve the demo on `port` until told to stop."""
    configure_logs("warning", "console", stream=sys.stderr)
    clock = DemoClock()
    house = House(clock, demo_world(clock.now()))
    house.slack.limits.enabled = True
    server = build_server(house.app, "127.0.0.1", port)
    serving = asyncio.create_task(server.serve_guarded())
    while not server.started:
        await asyncio.wait({serving}, timeout=0.02)
        if serving.done():
            say(f"Port {port} is taken. Choose another: PORT=3001 make demo")
            return 1
    with tempfile.TemporaryDirectory(prefix="workflow-bot-demo-") as folder:
        settings = house.move_in(
            f"http://127.0.0.1:{port}",
            DATABASE_URL=f"sqlite:///{folder}/demo.sqlite3",
            WORKFLOW_BOT_CHANNEL=DB_MOVES,
        )
        bot = await build(settings, clock)
        house.admit(bot.web)
        bot.start()
        say(BANNER.format(url=f"http://localhost:{port}"))
        told = asyncio.create_task(until_told_to_stop())
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await told
        await house.close()
        await bot.stop()
        server.should_exit = True
        await serving
    return 0
