"""The composition root: builds the parts and connects them. The only file that knows them all."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

import httpx
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.clock import Clock
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.settings import Settings
from bot.slack.connect import check_app_token, find_home
from bot.slack.desk import Desk
from bot.slack.listeners import build_bolt
from bot.slack.people import People
from bot.slack.questions import Questions
from bot.slack.replies import Replies
from bot.slack.socket import Socket
from bot.slack.web import SlackGate, build_web
from bot.tasks import Tasks

log = structlog.stdlib.get_logger(__name__)

DRAIN_SECONDS = 20.0
"""How long running answers may take to end when the bot stops; platforms kill after 30 s."""


class Bot:
    """The running bot. Use `start`, serve `web`, then `stop`."""

    def __init__(
        self, web: Starlette, tasks: Tasks, socket: Socket | None, resources: AsyncExitStack
    ) -> None:
        self.web = web
        self.tasks = tasks
        self._socket = socket
        self._resources = resources

    async def connect(self) -> None:
        """In Socket Mode: open the socket. Over HTTP there is nothing to open."""
        if self._socket:
            await self._socket.connect()

    async def stop(self) -> None:
        """Take nothing new, let running answers end, close connections."""
        if self._socket:
            await self._socket.close()
        await self.tasks.drain(DRAIN_SECONDS)
        await self._resources.aclose()


def slack_client(settings: Settings) -> AsyncWebClient:
    """Slack's Web API, without the SDK's own retries (they can post twice)."""
    return AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=10,
        retry_handlers=[],
    )


def planetscale_client(settings: Settings, clock: Clock) -> PlanetScale:
    """The PlanetScale API, within the request budget."""
    return PlanetScale(
        base_url=settings.planetscale_api_url,
        token_id=settings.planetscale_token_id.get_secret_value(),
        token=settings.planetscale_token.get_secret_value(),
        budget=Budget(settings.api_budget, clock),
        clock=clock,
    )


async def build(settings: Settings, clock: Clock) -> Bot:
    """Check the tokens at Slack and build everything. Raises `SlackRefusedError`."""
    client = slack_client(settings)
    home = await find_home(client)
    app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else None
    if app_token:
        await check_app_token(client, app_token)
    resources = AsyncExitStack()
    planetscale = planetscale_client(settings, clock)
    resources.push_async_callback(planetscale.aclose)
    http = await resources.enter_async_context(httpx.AsyncClient(follow_redirects=False))
    tasks = Tasks()
    questions = Questions(
        planetscale, People(client, home), Replies(client, http), clock, settings.planetscale_org
    )
    bolt = build_bolt(client, home, Desk(home, settings.planetscale_org, questions, tasks))
    socket = Socket(bolt, app_token) if app_token else None
    secret = settings.slack_signing_secret
    gate = SlackGate(bolt, secret.get_secret_value(), clock) if secret and not socket else None

    async def ready() -> Mapping[str, bool]:
        return {"slack": await socket.connected()} if socket else {"slack": True}

    log.info("built", team=home.team_id, organization=settings.planetscale_org, socket_mode=bool(socket))
    return Bot(build_web(gate, ready), tasks, socket, resources)
