"""The composition root: builds the parts and connects them. The only file that knows them all."""

import asyncio
import random
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from starlette.applications import Starlette

from bot.clock import Clock
from bot.operations.gather import Gatherer
from bot.operations.model import Operation
from bot.operations.parts import Parts
from bot.operations.worker import Worker
from bot.organizations import Organization
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.settings import Settings, read_policy
from bot.slack.acting import Acting, Workshop
from bot.slack.approvers import Approvers
from bot.slack.connect import check_app_token, find_home
from bot.slack.courier import Courier, Rates
from bot.slack.desk import Desk, Staff
from bot.slack.explaining import Explaining
from bot.slack.finding import Finder
from bot.slack.forms.creating import CreateForm
from bot.slack.home import Homes
from bot.slack.home_drawing import HomeParts
from bot.slack.home_reader import HomeReaders
from bot.slack.home_rows import Shelf as HomeShelf
from bot.slack.links import Links
from bot.slack.listeners import build_bolt, listen_for_forms, listen_for_homes
from bot.slack.noticeboard import Noticeboard, Touched
from bot.slack.people import People
from bot.slack.questions import Questions
from bot.slack.readership import Readership
from bot.slack.records import Records, Shelf
from bot.slack.rendering import joined
from bot.slack.replies import Replies
from bot.slack.sharing import Means, Sharing
from bot.slack.socket import Socket
from bot.slack.subjects import OperationSubjects
from bot.slack.teller import Teller
from bot.slack.watch_subjects import WatchSubjects
from bot.slack.watchboard import Watchboard
from bot.slack.watching import Post, Watching
from bot.slack.web import Check, SlackGate, build_web
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.migrate import is_current, migrate
from bot.store.transaction import after_commit
from bot.tasks import Tasks
from bot.watch import keeping
from bot.watch.kept import Kept, kept
from bot.watch.pace import Pace
from bot.watch.parts import WatchParts
from bot.watch.schedule import Schedule
from bot.watch.watchers import Watchers

log = structlog.stdlib.get_logger(__name__)

DRAIN_SECONDS = 20.0
"""How long running answers may take to end when the bot stops; platforms kill after 30 s."""


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot: `start`, `connect`, serve `web`, then `stop`."""

    web: Starlette
    tasks: Tasks
    worker: Worker
    watcher: Watchers
    schedule: Schedule
    courier: Courier
    homes: Homes
    database: Database
    socket: Socket | None
    resources: AsyncExitStack
    loops: Tasks = field(default_factory=Tasks)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Start the worker, the scheduler and the courier."""
        self.loops.spawn(self.worker.run(self.stopping), "worker")
        self.loops.spawn(self.courier.run(self.stopping), "courier")
        self.loops.spawn(self.homes.run(self.stopping), "homes")
        self.schedule.start()
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
        self.schedule.stop()
        await self.tasks.drain(DRAIN_SECONDS)
        await self.worker.stop()
        await self.watcher.stop()
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


def planetscale_client(settings: Settings, organization: Organization, clock: Clock) -> PlanetScale:
    """The PlanetScale API for one organization, within a request budget of its own."""
    return PlanetScale(
        base_url=settings.planetscale_api_url,
        token_id=organization.token_id.get_secret_value(),
        token=organization.token.get_secret_value(),
        budget=Budget(settings.api_budget, clock),
        clock=clock,
    )


def planetscale_organizations(settings: Settings, clock: Clock) -> Organizations:
    """All organizations that the bot works for."""
    clients = {one.name: planetscale_client(settings, one, clock) for one in settings.organizations}
    return Organizations(clients, settings.planetscale_org)


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
        planetscale = await resources.enter_async_context(planetscale_organizations(settings, clock))
        http = await resources.enter_async_context(
            httpx.AsyncClient(follow_redirects=False, trust_env=not _is_local(settings))
        )
        people, replies, tasks = People(client, home), Replies(client, http), Tasks()
        approvers = Approvers(client, people, clock)
        readership = Readership(people, approvers, policy)
        links = Links(home.url)

        def wake() -> None:
            courier.wake()
            homes.wake()

        watchboard = Watchboard(wake)
        databases = {one.name: one.databases for one in settings.organizations}
        watcher = Watchers(
            WatchParts(
                database=database,
                planetscale=planetscale.of(name),
                board=watchboard,
                policy=policy,
                clock=clock,
                organization=name,
                databases=databases[name],
                default_channel=settings.channel,
                poll_seconds=settings.poll_seconds,
                worker=secrets.token_hex(8),
                alone=is_sqlite(settings),
                random=random.random,
            )
            for name in planetscale.names
        )
        schedule = Schedule(watcher, Pace(settings.poll_seconds))
        board = Noticeboard(links, _touched(schedule), wake)
        subjects = joined(
            OperationSubjects(board, clock, planetscale.default).subjects(),
            WatchSubjects(links, policy, clock, planetscale.default).subjects(),
        )
        courier = Courier(database, client, subjects, clock, rates)
        parts = Parts(
            database=database,
            planetscale=planetscale,
            gatherer=Gatherer(planetscale, clock),
            people=approvers,
            teller=Teller(replies, client, clock, planetscale.default),
            board=board,
            policy=policy,
            clock=clock,
            default_channel=settings.channel,
            worker=secrets.token_hex(8),
        )
        worker = Worker(parts, alone=is_sqlite(settings))
        workshop = Workshop(parts, worker, client, home, tasks)
        acting = Acting(workshop)
        form = CreateForm(workshop, acting, readership, replies)

        async def samples(ref: WorkflowRef, /) -> Kept:
            return await database.read(kept, ref)

        questions = Questions(planetscale, readership, replies, clock, samples=samples)
        shelf = Shelf(database, board, links, planetscale, databases)
        staff = Staff(
            acting,
            form,
            questions,
            Records(shelf, readership, replies, clock),
            Watching(
                Post(
                    database=database,
                    organizations=planetscale,
                    finder=Finder(planetscale),
                    readership=readership,
                    people=approvers,
                    replies=replies,
                    links=links,
                    board=watchboard,
                    policy=policy,
                    clock=clock,
                    default_channel=settings.channel,
                    wake=schedule.wake,
                )
            ),
            Sharing(
                Means(
                    client=client,
                    organizations=planetscale,
                    questions=questions,
                    readership=readership,
                    people=approvers,
                    replies=replies,
                    policy=policy,
                )
            ),
            Explaining(client, home, database, clock),
        )
        desk = Desk(home, planetscale, staff, tasks, databases=databases)
        bolt = build_bolt(client, home, desk)
        listen_for_forms(bolt, form, desk)
        homes = Homes(
            HomeParts(
                client=client,
                database=database,
                readers=HomeReaders(readership, approvers, policy),
                shelf=HomeShelf(links, policy, planetscale),
                clock=clock,
            ),
            home,
            tasks,
        )
        listen_for_homes(bolt, homes)
        socket = Socket(bolt, app_token) if app_token else None
        ready = _readiness(database, worker, watcher, courier, socket)
        web = build_web(_gate(settings, bolt, clock), ready)
        log.info("built", team=home.team_id, organizations=planetscale.names, socket_mode=bool(socket))
        return Bot(
            web, tasks, worker, watcher, schedule, courier, homes, database, socket, resources.pop_all()
        )


def _touched(schedule: Schedule) -> Touched:
    """What a change of an operation's card means for the watch on its workflow."""

    def touched(connection: Connection, operation: Operation, now: datetime) -> None:
        keeping.touched(connection, operation, now)
        after_commit(connection, schedule.wake)

    return touched


def is_sqlite(settings: Settings) -> bool:
    """Whether this process is alone on its database."""
    return settings.database_url.startswith("sqlite")


def _gate(settings: Settings, bolt: AsyncApp, clock: Clock) -> SlackGate | None:
    """The HTTP door, unless Slack is reached over a socket."""
    secret = settings.slack_signing_secret
    if settings.socket_mode or secret is None:
        return None
    return SlackGate(bolt, secret.get_secret_value(), clock)


def _readiness(
    database: Database, worker: Worker, watcher: Watchers, courier: Courier, socket: Socket | None
) -> Check:
    async def ready() -> Mapping[str, bool]:
        found = {
            "database": await database.reachable(),
            "schema": await _schema(database),
            "worker": worker.moving,
            "watcher": watcher.moving,
            "courier": courier.healthy,
        }
        return found | ({"slack": await socket.connected()} if socket else {})

    return ready


async def _schema(database: Database) -> bool:
    try:
        return await is_current(database)
    except StoreError:
        return False
