"""The two stand-ins and the real bot under one address."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import Clock
from bot.demo.clock import DemoClock
from bot.demo.page import page_routes
from bot.demo.planetscale import api, panel
from bot.demo.planetscale.simulator import Simulator
from bot.demo.planetscale.world import World
from bot.demo.slack.complete import completions
from bot.demo.slack.demo_api import demo_routes
from bot.demo.slack.small_slack import SmallSlack
from bot.demo.slack.web_api import api_routes
from bot.settings import Settings, read_settings
from bot.slack.web import EVENTS_PATH

ORGANIZATION = "acme"
TOKEN_ID, TOKEN = "demo-id", "pscale_tkn_demo-secret"


class House:
    """Serve `app`, say where it is with `move_in`, then let the bot in with `admit`."""

    def __init__(
        self, clock: Clock, world: World | None = None, others: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """`others`: further organizations at PlanetScale, and `ID:TOKEN` of each."""
        self.slack = SmallSlack(clock)
        self.planetscale = Simulator(clock, world, credentials=f"{TOKEN_ID}:{TOKEN}")
        self.others = {
            name: Simulator(clock, World(name), credentials=credentials)
            for name, credentials in others.items()
        }
        self._bot: ASGIApp | None = None
        routes: list[BaseRoute] = [
            Mount("/chat", routes=api_routes(self.slack)),
            Mount("/planetscale", app=api.app(self.planetscale, *self.others.values())),
            *(panel.routes(self.planetscale, clock) if isinstance(clock, DemoClock) else []),
            *demo_routes(self.slack, completions),
            *page_routes(),
            Mount("/", app=self._door),
        ]
        self.app = Starlette(routes=routes)

    def move_in(self, url: str, *, socket_mode: bool = False, **settings: str) -> Settings:
        """Tell the stand-ins that they are reached at `url`, and give the settings for a bot among them."""
        socket = {"SLACK_APP_TOKEN": self.slack.app_token} if socket_mode else {}
        return read_settings(self.connect(url) | socket | settings)

    def connect(self, url: str) -> dict[str, str]:
        """The same; what they say of themselves, as a process of its own finds it in its environment."""
        self.slack.connect(public_url=f"{url}/chat", events_url=f"{url}{EVENTS_PATH}", page_url=url)
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": f"{url}/chat/api/",
            "PLANETSCALE_SERVICE_TOKEN_ID": TOKEN_ID,
            "PLANETSCALE_SERVICE_TOKEN": TOKEN,
            "PLANETSCALE_ORG": ORGANIZATION,
            "PLANETSCALE_API_URL": f"{url}/planetscale/",
        }

    def admit(self, bot: ASGIApp) -> None:
        """From now on, what is not for a stand-in goes to `bot`."""
        self._bot = bot

    async def close(self) -> None:
        """End the page's streams and the stand-ins' own connections. Call it before the server stops."""
        await self.slack.aclose()

    async def _door(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._bot or Starlette())(scope, receive, send)
