"""The composition root: builds the parts and connects them. The only file that knows them all."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.approvals.policy import Policy, PolicyError, load_policy
from bot.clock import Clock
from bot.operations.gather import Gatherer
from bot.operations.parts import Parts
from bot.operations.worker import Worker
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.settings import Settings, SettingsError
from bot.slack.acting import Acting, Workshop
from bot.slack.approvers import Approvers
from bot.slack.connect import check_app_token, find_home
from bot.slack.courier import Courier, Rates
from bot.slack.desk import Desk, Readers
from bot.slack.listeners import build_bolt
from bot.slack.noticeboard import Noticeboard
from bot.slack.people import People
from bot.slack.questions import Questions
from bot.slack.readership import Readership
from bot.slack.records import Records, Shelf
from bot.slack.replies import Replies
from bot.slack.socket import Socket
from bot.slack.subjects import OperationSubjects
from bot.slack.teller import Teller
from bot.slack.web import Check, SlackGate, build_web
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.migrate import is_current, migrate
from bot.tasks import Tasks

log = structlog.stdlib.get_logger(__name__)

DRAIN_SECONDS = 20.0
"""How long running answers may take to end when the bot stops; platforms kill after 30 s."""


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot: `start`, `connect`, serve `web`, then `stop`."""

    web: Starlette
    tasks: Tasks
    worker: Worker
    courier: Courier
    database: Database
    socket: Socket | None
    resources: AsyncExitStack
    loops: Tasks = field(default_factory=Tasks)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Start the worker and the courier."""
        self.loops.spawn(self.worker.run(self.stopping), "worker")
        self.loops.spawn(self.courier.run(self.stopping), "courier")
        if self.socket:
            self.loops.spawn(self.socket.watch(self.stopping), "socket")

    async def connect(self) -> None:
        """In Socket Mode: open the socket. Over HTTP there is nothing to open."""
        if self.socket:
            await self.socket.connect()

    async def stop(self) -> None:
        """Take nothing new, let what is under way end, close connections."""
        if self.socket:
            await self.socket.close()
        self.stopping.set()
        self.worker.wake()
        self.courier.wake()
        await self.tasks.drain(DRAIN_SECONDS)
        await self.worker.stop()
        await self.loops.drain(DRAIN_SECONDS)
        await self.resources.aclose()


def slack_client(settings: Settings) -> AsyncWebClient:
    """Slack's Web API, without the SDK's own retries (they can post twice)."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=10,
        retry_handlers=[],
    )
    if _is_local(settings):
        client.proxy = None  # slack_sdk takes it from the environment, and does not ask NO_PROXY
    return client


def _is_local(settings: Settings) -> bool:
    """Whether Slack is a stand-in on this machine, which no proxy can reach."""
    return urlsplit(settings.slack_api_url).hostname in {"127.0.0.1", "localhost", "::1"}


def planetscale_client(settings: Settings, clock: Clock) -> PlanetScale:
    """The PlanetScale API, within the request budget."""
    return PlanetScale(
        base_url=settings.planetscale_api_url,
        token_id=settings.planetscale_token_id.get_secret_value(),
        token=settings.planetscale_token.get_secret_value(),
        budget=Budget(settings.api_budget, clock),
        clock=clock,
    )


def read_policy(settings: Settings) -> Policy:
    """The policy of this bot. Raises `SettingsError`, a line for each thing that is wrong."""
    try:
        text = settings.policy.read_text(encoding="utf-8") if settings.policy else None
        return load_policy(text, approval_ttl=settings.approval_ttl)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"WORKFLOW_BOT_POLICY cannot be read: {type(error).__name__}."]) from None
    except PolicyError as error:
        raise SettingsError([f"WORKFLOW_BOT_POLICY: {line}" for line in error.lines]) from None


async def build(settings: Settings, clock: Clock, rates: Rates | None = None) -> Bot:
    """Check the tokens at Slack, bring the database up to date, and build everything.

    Raises `SettingsError`, `SlackRefusedError` and the errors of `bot.store.errors`.
    """
    policy = read_policy(settings)
    for warning in policy.warnings:
        log.warning("policy", line=warning)
    client = slack_client(settings)
    home = await find_home(client)
    app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else None
    if app_token:
        await check_app_token(client, app_token)
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(Database(settings.database_url))
        await migrate(database)
        planetscale = await resources.enter_async_context(planetscale_client(settings, clock))
        http = await resources.enter_async_context(
            httpx.AsyncClient(follow_redirects=False, trust_env=not _is_local(settings))
        )
        people, replies, tasks = People(client, home), Replies(client, http), Tasks()
        approvers = Approvers(client, people, clock)
        readership = Readership(people, approvers, policy)
        board = Noticeboard(home.url, lambda: courier.wake())  # noqa: PLW0108 - made after the board
        courier = Courier(database, client, OperationSubjects(board, clock).subjects(), clock, rates)
        parts = Parts(
            database=database,
            planetscale=planetscale,
            gatherer=Gatherer(planetscale, clock),
            people=approvers,
            teller=Teller(replies, client, clock),
            board=board,
            policy=policy,
            clock=clock,
            default_channel=settings.channel,
            worker=secrets.token_hex(8),
        )
        worker = Worker(parts, alone=is_sqlite(settings))
        acting = Acting(Workshop(parts, worker, client, home, settings.planetscale_org, tasks))
        readers = Readers(
            Questions(planetscale, readership, replies, clock, settings.planetscale_org),
            Records(Shelf(database, board, settings.planetscale_org), readership, replies, clock),
        )
        bolt = build_bolt(client, home, Desk(home, settings.planetscale_org, readers, acting, tasks))
        socket = Socket(bolt, app_token) if app_token else None
        ready = _readiness(database, worker, courier, socket)
        web = build_web(_gate(settings, bolt, clock), ready)
        log.info("built", team=home.team_id, organization=settings.planetscale_org, socket_mode=bool(socket))
        return Bot(web, tasks, worker, courier, database, socket, resources.pop_all())


def is_sqlite(settings: Settings) -> bool:
    """Whether this process is alone on its database."""
    return settings.database_url.startswith("sqlite")


def _gate(settings: Settings, bolt: AsyncApp, clock: Clock) -> SlackGate | None:
    """The HTTP door, unless Slack is reached over a socket."""
    secret = settings.slack_signing_secret
    if settings.socket_mode or secret is None:
        return None
    return SlackGate(bolt, secret.get_secret_value(), clock)


def _readiness(database: Database, worker: Worker, courier: Courier, socket: Socket | None) -> Check:
    async def ready() -> Mapping[str, bool]:
        found = {
            "database": await database.reachable(),
            "schema": await _schema(database),
            "worker": worker.moving,
            "courier": courier.healthy,
        }
        return found | ({"slack": await socket.connected()} if socket else {})

    return ready


async def _schema(database: Database) -> bool:
    try:
        return await is_current(database)
    except StoreError:
        return False
