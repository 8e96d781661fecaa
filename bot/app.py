"""The composition root: builds the parts and connects them. The only file that knows them all."""

import asyncio
import random
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from starlette.applications import Starlette

from bot.approvals.policy import Policy
from bot.clients import planetscale_organizations, reply_client, slack_client
from bot.clock import Clock
from bot.operations.model import Operation, Story
from bot.operations.services import Services, Sighted
from bot.operations.steps.gathering import Gatherer
from bot.operations.steps.readback import Readback
from bot.operations.storage.repository import switch_tried_at
from bot.operations.storage.stories import creation
from bot.operations.worker import Worker
from bot.planetscale.models import Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.runtime.readiness import Ask, Readiness
from bot.runtime.tasks import Grace, Tasks
from bot.settings import Settings, read_policy
from bot.slack.approvers import Approvers
from bot.slack.connect import check_app_token, find_home
from bot.slack.delivery.courier import Courier, Rates
from bot.slack.delivery.links import Links
from bot.slack.delivery.operation_board import OperationBoard, Touched
from bot.slack.delivery.operation_renderer import OperationRenderers
from bot.slack.delivery.rendering import joined
from bot.slack.delivery.watch_board import WatchBoard
from bot.slack.delivery.watch_renderer import WatchRenderers
from bot.slack.directory import Home, SlackDirectory
from bot.slack.handlers.action_requests import ActionRequests, Workshop
from bot.slack.handlers.explanations import Explanations
from bot.slack.handlers.finder import Finder
from bot.slack.handlers.forms.creating import CreateForm
from bot.slack.handlers.questions import Questions
from bot.slack.handlers.records import Records, Shelf
from bot.slack.handlers.router import Handlers, Router
from bot.slack.handlers.sharing import Means, Sharing
from bot.slack.handlers.watch_commands import Post, WatchCommands
from bot.slack.home.home_drawing import HomeServices
from bot.slack.home.home_queries import HomeShelf
from bot.slack.home.homes import Homes
from bot.slack.listeners import build_bolt, listen_for_forms, listen_for_homes, listen_for_the_rest
from bot.slack.readership import Readership
from bot.slack.replies.private_replies import Replies
from bot.slack.replies.teller import SlackTeller
from bot.slack.socket import Socket
from bot.slack.web import SlackGate, build_web
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.engine.files import exposed
from bot.store.engine.transaction import after_commit
from bot.store.errors import StoreError
from bot.store.migrate import is_current, migrate
from bot.store.proof import writable
from bot.watch.polling.pace import Pace
from bot.watch.polling.pollers import Pollers
from bot.watch.polling.scheduler import Scheduler
from bot.watch.polling.timekeeping import Timekeeper
from bot.watch.sightings import OnWatches, Sightings
from bot.watch.storage import watch_repository
from bot.watch.storage.table_sample_rows import TableSamples, kept
from bot.watch.watch_services import WatchServices

log = structlog.stdlib.get_logger(__name__)

_GRACE: Final = Grace()


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot: `start`, `connect`, serve `web`, then `stop`."""

    web: Starlette
    tasks: Tasks
    worker: Worker
    watcher: Pollers
    schedule: Scheduler
    courier: Courier
    homes: Homes
    database: Database
    socket: Socket | None
    timekeeper: Timekeeper
    resources: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What is closed last."""
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

    async def stop(self, grace: Grace = _GRACE) -> None:
        """Take nothing new, let what is under way end, close connections. Only the last may take longer than
        `grace`, where a thread of the database hangs.
        """
        if self.socket:
            self.tasks.spawn(self.socket.close(), "socket, closing")
        self.stopping.set()
        self.schedule.stop()
        await asyncio.gather(
            self.tasks.drain(grace),
            self.worker.stop(grace),
            self.watcher.stop(grace),
            self.loops.drain(grace),
        )
        await self.resources.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What everything else is built on."""

    settings: Settings
    policy: Policy
    clock: Clock
    client: AsyncWebClient
    home: Home
    database: Database
    planetscale: Organizations
    replies: Replies
    approvers: Approvers
    readership: Readership
    links: Links
    timekeeper: Timekeeper
    tasks: Tasks = field(default_factory=Tasks)

    @property
    def databases(self) -> dict[str, tuple[str, ...]]:
        """Those that the bot is set up for, by organization."""
        return {one.name: one.databases for one in self.settings.organizations}


async def build(settings: Settings, clock: Clock, rates: Rates | None = None) -> Bot:
    """Check the tokens at Slack, bring the database up to date, and build everything.

    Raises `SettingsError`, `SlackRefusedError` and the errors of `bot.store.errors`.
    """
    policy = read_policy(settings)
    for warning in policy.warnings:
        log.warning("policy", line=warning)
    if settings.route.note:
        log.warning("environment", line=settings.route.note)
    client = slack_client(settings)
    home = await find_home(client, clock)
    app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else None
    if app_token:
        await check_app_token(client, app_token, clock)
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(Database(settings.database_url))
        file = file_of(parse_address(settings.database_url))
        if said := file and exposed(file):
            log.warning("database_file", line=said)
        await migrate(database)
        timekeeper = Timekeeper(database, clock)
        await timekeeper.begin()
        planetscale = await resources.enter_async_context(planetscale_organizations(settings, clock))
        http = await resources.enter_async_context(reply_client(settings))
        people = SlackDirectory(client, home)
        approvers = Approvers(client, people, clock)
        base = _Base(
            settings=settings,
            policy=policy,
            clock=clock,
            client=client,
            home=home,
            database=database,
            planetscale=planetscale,
            replies=Replies(client, http, clock),
            approvers=approvers,
            readership=Readership(people, approvers, policy),
            links=Links(home.url),
            timekeeper=timekeeper,
        )
        log.info("built", team=home.team_id, organizations=planetscale.names, socket_mode=bool(app_token))
        return replace(_bot(base, rates, app_token), resources=resources.pop_all())


def _bot(base: _Base, rates: Rates | None, app_token: str | None) -> Bot:
    """Everything above the base, connected."""
    homes = _homes(base)

    def wake() -> None:
        courier.wake()
        homes.wake()

    def concluded(connection: Connection, ref: WorkflowRef, workflow: Workflow, began: datetime) -> None:
        reader.seen(connection, ref, workflow, began)

    watchboard = WatchBoard(wake)
    watched = tuple(_watch_parts(base, watchboard, concluded))
    watcher, on_watches = Pollers(watched), OnWatches(watched)
    pace = Pace(base.settings.poll_seconds)
    schedule = Scheduler(watcher, pace, base.clock, base.timekeeper)
    board = OperationBoard(base.links, _touched(schedule), wake, base.settings.channel)
    default = base.planetscale.default
    subjects = joined(
        OperationRenderers(board, base.clock, default).subjects(),
        WatchRenderers(watchboard, base.links, base.policy, base.clock, default).subjects(),
    )
    courier = Courier(base.database, base.client, subjects, base.clock, rates)
    parts = _parts(base, board, courier, on_watches)
    reader = Readback(parts)
    worker = Worker(parts, alone=is_sqlite(base.settings))
    workshop = Workshop(parts, worker, base.client, base.home, base.tasks)
    acting = ActionRequests(workshop)
    form = CreateForm(workshop, acting, base.readership, base.replies)
    questions = _questions(base, Sightings(base.database, on_watches, reader))
    staff = Handlers(
        acting=acting,
        form=form,
        questions=questions,
        records=Records(
            Shelf(base.database, board, base.links, base.planetscale, base.databases),
            base.readership,
            base.replies,
            base.clock,
        ),
        watching=_watching(base, watchboard, schedule),
        sharing=_sharing(base, questions),
        explaining=Explanations(base.client, base.replies, base.home, base.database, base.clock),
    )
    desk = Router(base.home, base.planetscale, staff, base.tasks, databases=base.databases)
    bolt = build_bolt(base.client, base.home, desk)
    listen_for_forms(bolt, form, desk)
    listen_for_homes(bolt, homes)
    listen_for_the_rest(bolt, desk)
    socket = Socket(bolt, app_token) if app_token else None
    ready = _readiness(base, worker, watcher, courier, socket)
    web = build_web(_gate(base.settings, bolt, base.clock), ready, lambda: courier.breaker.unwell)
    return Bot(
        web, base.tasks, worker, watcher, schedule, courier, homes, base.database, socket, base.timekeeper
    )


def _homes(base: _Base) -> Homes:
    parts = HomeServices(
        client=base.client,
        database=base.database,
        readership=base.readership,
        shelf=HomeShelf(base.links, base.policy, base.planetscale),
        clock=base.clock,
    )
    return Homes(parts, base.home, base.tasks)


def _watch_parts(base: _Base, board: WatchBoard, sighted: Sighted) -> Iterator[WatchServices]:
    for name in base.planetscale.names:
        yield WatchServices(
            database=base.database,
            planetscale=base.planetscale.of(name),
            board=board,
            policy=base.policy,
            clock=base.clock,
            organization=name,
            databases=base.databases[name],
            default_channel=base.settings.channel,
            poll_seconds=base.settings.poll_seconds,
            worker=secrets.token_hex(8),
            alone=is_sqlite(base.settings),
            random=random.random,
            sighted=sighted,
        )


def _parts(base: _Base, board: OperationBoard, courier: Courier, sighted: Sighted) -> Services:
    return Services(
        database=base.database,
        planetscale=base.planetscale,
        gatherer=Gatherer(base.planetscale, base.clock),
        people=base.approvers,
        teller=SlackTeller(base.replies, base.client, base.clock, base.planetscale.default),
        board=board,
        policy=base.policy,
        clock=base.clock,
        default_channel=base.settings.channel,
        worker=secrets.token_hex(8),
        can_tell=lambda: courier.breaker.accepts,
        sighted=sighted,
    )


def _questions(base: _Base, sightings: Sightings) -> Questions:
    async def samples(ref: WorkflowRef, /) -> TableSamples:
        return await base.database.read(kept, ref)

    async def tried(ref: WorkflowRef) -> datetime | None:
        try:
            return await base.database.read(switch_tried_at, ref)
        except StoreError:
            return base.clock.now()  # nobody knows: then no advice goes by its never having been tried

    async def creator(ref: WorkflowRef) -> Story | None:
        try:
            return await base.database.read(creation, ref)
        except StoreError:
            return None  # PlanetScale's own word for it will do

    return Questions(
        base.planetscale,
        base.readership,
        base.replies,
        base.clock,
        samples=samples,
        tried=tried,
        creator=creator,
        sighted=sightings.seen,
    )


def _watching(base: _Base, board: WatchBoard, schedule: Scheduler) -> WatchCommands:
    post = Post(
        database=base.database,
        organizations=base.planetscale,
        finder=Finder(base.planetscale),
        readership=base.readership,
        people=base.approvers,
        replies=base.replies,
        links=base.links,
        board=board,
        policy=base.policy,
        clock=base.clock,
        default_channel=base.settings.channel,
        wake=schedule.wake,
    )
    return WatchCommands(post)


def _sharing(base: _Base, questions: Questions) -> Sharing:
    means = Means(
        client=base.client,
        organizations=base.planetscale,
        questions=questions,
        readership=base.readership,
        people=base.approvers,
        replies=base.replies,
        policy=base.policy,
    )
    return Sharing(means)


def _touched(schedule: Scheduler) -> Touched:
    """What a change of an operation's card means for the watch on its workflow."""

    def touched(connection: Connection, operation: Operation, now: datetime) -> None:
        watch_repository.touched(connection, operation, now)
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
    base: _Base, worker: Worker, watcher: Pollers, courier: Courier, socket: Socket | None
) -> Readiness:
    known = {
        "worker": lambda: worker.moving,
        "watcher": lambda: watcher.moving,
        "courier": lambda: courier.healthy,
        "slack_token": lambda: courier.breaker.accepts,
    }
    asked: dict[str, Ask] = {
        "database": partial(writable, base.database),
        "schema": partial(_schema, base.database),
    }
    return Readiness(base.clock, known, asked | ({"slack": socket.connected} if socket else {}))


async def _schema(database: Database) -> bool:
    try:
        return await is_current(database)
    except StoreError:
        return False
