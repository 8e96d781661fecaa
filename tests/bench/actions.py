"""From a command to its card, and from the last press to the request at PlanetScale."""

import asyncio
import tempfile
import time
from collections.abc import Callable

from bot.app import build
from bot.clock import SystemClock
from bot.demo.house import House
from bot.demo.slack.people import ANA, BEN, DB_MOVES
from bot.slack.delivery.courier import Rates
from tests.bench.figures import spread
from tests.serve import serve

ROUNDS = 40
BETWEEN = 1.0
"""Seconds between rounds: each costs about eight requests of a budget of ten a second."""
PATIENCE = 10.0
UNPACED = Rates(seconds_between_posts=0.0, updates_a_minute=100_000)
"""Slack's own rates would be all that is measured."""


async def _until(seen: Callable[[], bool], when: float) -> float:
    """Seconds from `when` until `seen()` is true."""
    while time.perf_counter() - when < PATIENCE:
        if seen():
            return time.perf_counter() - when
        await asyncio.sleep(0.001)
    msg = "it took too long"
    raise TimeoutError(msg)


async def _command_to_card(house: House, database: str) -> float:
    known = len(house.slack.calls)
    began = time.perf_counter()
    await house.slack.command(ANA, DB_MOVES, "/workflow", f"switch-traffic {database} 3 --replicas-only")

    def posted() -> bool:
        new = [call for call in house.slack.calls[known:] if call.method == "chat.postMessage"]
        return any(f"{database} #3" in str(call.arguments.get("text")) for call in new)

    return await _until(posted, began)


async def _press_to_request(house: House, database: str) -> float:
    sent = _changes(house)
    cards = [one for one in house.slack.messages(DB_MOVES) if f"{database} #3" in one.text]
    began = time.perf_counter()
    await house.slack.press(BEN, cards[0], "op_approve")
    return await _until(lambda: _changes(house) > sent, began)


def _changes(house: House) -> int:
    return sum(request.method != "GET" for request in house.planetscale.requests)


async def report() -> None:
    """Print medians and 99th percentiles."""
    clock = SystemClock()
    house = House(clock)
    house.planetscale.rate_limit = 100_000
    house.planetscale.pace = dict.fromkeys(house.planetscale.pace, 0.05)
    async with serve(house.app) as url:
        with tempfile.TemporaryDirectory() as folder:
            settings = house.move_in(
                url, DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3", WORKFLOW_BOT_API_BUDGET="600"
            )
            bot = await build(settings, clock, UNPACED)
            house.admit(bot.web)
            bot.start()
            await asyncio.sleep(5)  # the request budget is empty at start
            to_card, to_request = [], []
            for number in range(ROUNDS):
                house.planetscale.add_workflow(f"db{number}", 3, "verified_data")
                to_card.append(await _command_to_card(house, f"db{number}"))
                to_request.append(await _press_to_request(house, f"db{number}"))
                await asyncio.sleep(BETWEEN)
            await house.close()
            await bot.stop()
    print(f"From the command to its card posted:      {spread(to_card)}")
    print(f"From the approving press to the request:  {spread(to_request)}")
