"""Socket Mode: Slack is called instead of calling us, for places without a public address."""

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp


class Socket:
    """The connection, under the bot's own signal handling."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token)

    async def connect(self) -> None:
        """Connect; afterwards it reconnects by itself. A bad token is retried for ever: check it before."""
        await self._handler.client.connect()

    async def close(self) -> None:
        """Disconnect for good."""
        await self._handler.client.close()

    async def connected(self) -> bool:
        """Whether Slack can reach the bot at this moment."""
        return await self._handler.client.is_connected()
