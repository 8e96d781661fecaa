"""Done once, in the process from which the others are forked: what each of them would do anew.

A bot goes through a switch of traffic here, so that what it imports late is there, what SQLAlchemy makes of
its statements is kept, and no round of the garbage collector looks at any of it again.
"""

import asyncio
import gc
import logging
import ssl
from unittest.mock import patch

import structlog
import uvloop

from bot.demo.slack.people import BEN
from bot.store.engine import engines
from tests.crash import runner
from tests.scenarios.conftest import open_stage
from tests.tls import trust_nobody


async def _once() -> None:
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("switch-traffic shop 3 --replicas-only")
        await stage.press(BEN, "op_approve")
        await stage.pass_time(30, 10)


def _warm() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with (
        patch.object(engines, "create_engine", runner.SHARED.create),
        patch.object(ssl, "create_default_context", trust_nobody),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        loop.run(_once())
    gc.collect()
    gc.freeze()


_warm()
