"""Socket Mode: Slack is called instead of calling us, for places without a public address."""

import asyncio

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.runtime.tasks import until_stopped

log = structlog.stdlib.get_logger(__name__)

LOOK_SECONDS = 10.0


class Socket:
    """The connection, under the bot's own signal handling."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token)
        self._handler.client.proxy = app.client.proxy  # the SDK would look for one by itself

    async def connect(self) -> None:
        """Connect; afterwards it reconnects by itself. A bad token is retried for ever: check it before."""
        renewing = asyncio.create_task(self._renew())
        try:
            await self._handler.client.connect()
        finally:
            renewing.cancel()

    async def run(self, stop: asyncio.Event) -> None:
        """Connect, and until `stop` is set give a connection that failed a fresh address to try."""
        renewing = asyncio.create_task(self._renew())
        try:
            if not await self.connected():
                await until_stopped(self._handler.client.connect(), stop)
            await stop.wait()
        finally:
            renewing.cancel()

    async def _renew(self) -> None:
        """slack_sdk tries an address again and again, and Slack takes each address once."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if not await self.connected():
                    log.warning("socket_not_connected")
                    self._handler.client.wss_uri = None
            except Exception:
                log.exception("socket_round_failed")  # the loop's edge: it is looked at again

    async def close(self) -> None:
        """Disconnect for good."""
        await self._handler.client.close()

    async def connected(self) -> bool:
        """Whether Slack can reach the bot at this moment."""
        return await self._handler.client.is_connected()
