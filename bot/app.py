"""The composition root: builds everything and connects it, bottom up. The only file that knows all."""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection
from starlette.applications import Starlette

from bot import __version__
from bot.clients import planetscale_organizations, reply_client, slack_client
from bot.clock import Clock
from bot.kinds.workflow.operating import Workflows
from bot.kinds.workflow.watching import WatchedWorkflows
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.metrics.page import metrics_page
from bot.metrics.process import ProcessFigures
from bot.metrics.rows import RowFigures
from bot.operations.model import Operation
from bot.operations.services import OnRead, Services
from bot.operations.steps.readback import Readback
from bot.operations.worker import Worker
from bot.runtime.figures import NO_FIGURES
from bot.runtime.readiness import Ask, Readiness
from bot.runtime.tasks import Grace, Tasks
from bot.settings import Settings, read_policy
from bot.slack.approvers import Approvers
from bot.slack.connect import check_app_token, find_home
from bot.slack.delivery.courier import Courier, Rates
from bot.slack.delivery.links import Links
from bot.slack.delivery.operation_board import OperationBoard, Touched
from bot.slack.delivery.operation_renderer import OperationRenderers
from bot.slack.delivery.rendering import Renderers, joined
from bot.slack.delivery.subject_cards import CardsOf, SubjectCards
from bot.slack.delivery.watch_board import WatchBoard
from bot.slack.delivery.watch_renderer import WatchRenderers
from bot.slack.directory import SlackDirectory
from bot.slack.handlers.action_requests import ActionRequests
from bot.slack.handlers.explanations import Explanations
from bot.slack.handlers.forms.creating import CreateForm
from bot.slack.handlers.passing import Passing
from bot.slack.handlers.questions import Questions
from bot.slack.handlers.records import Records
from bot.slack.handlers.router import Router
from bot.slack.handlers.sharing import Sharing
from bot.slack.handlers.unfurling import Unfurling
from bot.slack.handlers.watch_commands import WatchCommands
from bot.slack.home.homes import Homes
from bot.slack.listeners import (
    build_bolt,
    listen_for_forms,
    listen_for_homes,
    listen_for_the_rest,
    listen_in_passing,
)
from bot.slack.lists.keeping import KeptLists
from bot.slack.lists.reading import ListReader
from bot.slack.readership import Readership
from bot.slack.replies.private_replies import Replies
from bot.slack.replies.responder import SlackResponder
from bot.slack.slack_services import SlackServices
from bot.slack.socket import Socket
from bot.slack.web import SlackGate, build_web
from bot.slack.workflow_cards import WorkflowCards
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.engine.files import exposed
from bot.store.engine.transaction import after_commit
from bot.store.errors import StoreError
from bot.store.migrate import is_current, migrate
from bot.store.proof import writable
from bot.subjects.model import Ref, Snapshot
from bot.watch.model import Watch
from bot.watch.polling.pace import Pace
from bot.watch.polling.pollers import Pollers
from bot.watch.polling.scheduler import Scheduler
from bot.watch.polling.timekeeping import Timekeeper
from bot.watch.shared_reads import SharedReads, WatchFollower
from bot.watch.storage import watch_repository
from bot.watch.watch_services import WatchServices

log = structlog.stdlib.get_logger(__name__)

_GRACE: Final = Grace()


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot: `start`, `connect`, serve `web`, then `stop`."""

    web: Starlette
    ready: Readiness
    tasks: Tasks
    worker: Worker
    pollers: Pollers
    scheduler: Scheduler
    courier: Courier
    homes: Homes
    database: Database
    socket: Socket | None
    timekeeper: Timekeeper
    metrics: Starlette | None = None
    """The page of figures, for a port of its own."""
    resources: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What is closed last."""
    loops: Tasks = field(default_factory=Tasks)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Start the worker, the scheduler and the courier."""
        self.loops.spawn(self.worker.run(self.stopping), "worker")
        self.loops.spawn(self.courier.run(self.stopping), "courier")
        self.loops.spawn(self.homes.run(self.stopping), "homes")
        self.scheduler.start()
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
        self.scheduler.stop()
        await asyncio.gather(
            self.tasks.drain(grace),
            self.worker.stop(grace),
            self.pollers.stop(grace),
            self.loops.drain(grace),
        )
        await self.resources.aclose()


async def build(
    settings: Settings, clock: Clock, rates: Rates | None = None, figures: ProcessFigures | None = None
) -> Bot:
    """Check the tokens at Slack, bring the database up to date, and build everything.

    `figures`: what the process counts, where `Bot.metrics` is to show it.
    Raises `SettingsError`, `SlackRefusedError` and the errors of `bot.store.errors`.
    """
    policy = read_policy(settings)
    for warning in policy.warnings:
        log.warning("policy", line=warning)
    if settings.route.note:
        log.warning("environment", line=settings.route.note)
    counts = figures or NO_FIGURES
    client = slack_client(settings, counts)
    home = await find_home(client, clock)
    app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else None
    if app_token:
        await check_app_token(client, app_token, clock)
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(
            Database(settings.database_url, carries=CARRIES, figures=counts)
        )
        file = file_of(parse_address(settings.database_url))
        if said := file and exposed(file):
            log.warning("database_file", line=said)
        await migrate(database)
        timekeeper = Timekeeper(database, clock)
        await timekeeper.begin()
        planetscale = await resources.enter_async_context(planetscale_organizations(settings, clock, counts))
        http = await resources.enter_async_context(reply_client(settings))
        directory = SlackDirectory(client, home)
        approvers = Approvers(client, directory, clock)
        slack = SlackServices(
            client=client,
            home=home,
            database=database,
            planetscale=planetscale,
            replies=Replies(client, http, clock),
            approvers=approvers,
            readership=Readership(directory, approvers, policy),
            links=Links(home.url),
            policy=policy,
            clock=clock,
            tasks=Tasks(),
            databases={one.name: one.databases for one in settings.organizations},
            default_channel=settings.channel,
            figures=counts,
        )
        log.info("built", team=home.team_id, organizations=planetscale.names, socket_mode=bool(app_token))
        bot = _bot(settings, slack, timekeeper, app_token, rates)
        metrics = _metrics(settings, slack, bot.ready, figures) if figures else None
        return replace(bot, metrics=metrics, resources=resources.pop_all())


def _bot(
    settings: Settings,
    slack: SlackServices,
    timekeeper: Timekeeper,
    app_token: str | None,
    rates: Rates | None,
) -> Bot:
    """Everything that stands on the services, from what is drawn to what is listened to."""
    homes = Homes(slack, KeptLists(ListReader(slack.planetscale, slack.clock), slack.clock))

    def wake() -> None:
        courier.wake()
        homes.wake()

    loop = asyncio.get_running_loop()

    def owes() -> None:
        worker.owes()
        loop.call_soon_threadsafe(worker.wake)

    def concluded(connection: Connection, ref: Ref, snapshot: Snapshot, began: datetime) -> None:
        readback.seen(connection, ref, snapshot, began)

    cards = WorkflowCards(slack.policy)

    def cards_of(_: Operation | Watch) -> SubjectCards:
        return cards  # all that there is so far

    watch_board = WatchBoard(cards_of, wake)
    watching = tuple(_watch_services(settings, slack, watch_board, concluded))
    pollers, watch_follower = Pollers(watching), WatchFollower(watching)
    scheduler = Scheduler(pollers, Pace(settings.poll_seconds), slack.clock, timekeeper)

    board = OperationBoard(
        slack.links, cards_of, _touched(scheduler, watch_board), wake, slack.default_channel
    )
    renderers = _renderers(slack, cards_of, board, watch_board, owes)
    courier = Courier(slack.database, slack.client, renderers, slack.clock, rates)
    workflows = Workflows(slack.planetscale, slack.clock)
    operations = Services(
        database=slack.database,
        kind_of=lambda _: workflows,
        people=slack.approvers,
        responder=SlackResponder(slack.replies, slack.client, slack.clock, slack.planetscale.default),
        board=board,
        policy=slack.policy,
        clock=slack.clock,
        default_channel=slack.default_channel,
        worker=secrets.token_hex(8),
        can_tell=lambda: courier.breaker.accepts,
        on_read=watch_follower,
        figures=slack.figures,
    )
    readback = Readback(operations)
    worker = Worker(operations, alone=_is_sqlite(settings))

    actions = ActionRequests(slack, board, operations.responder, worker)
    form = CreateForm(slack, operations, actions)
    questions = Questions(slack, SharedReads(slack.database, watch_follower, readback).seen)
    router = Router(
        slack,
        actions=actions,
        form=form,
        questions=questions,
        records=Records(slack, board),
        watches=WatchCommands(slack, watch_board, scheduler.wake),
        sharing=Sharing(slack, questions),
        explanations=Explanations(slack),
    )
    bolt = build_bolt(slack.client, slack.home, router, slack.figures)
    listen_for_forms(bolt, form, router)
    listen_for_homes(bolt, homes)
    listen_in_passing(bolt, Passing(slack, router), Unfurling(slack, questions))
    listen_for_the_rest(bolt, router)
    socket = Socket(bolt, app_token) if app_token else None
    ready = _readiness(slack, worker, pollers, courier, socket)
    return Bot(
        web=build_web(_gate(settings, bolt, slack.clock), ready, lambda: courier.breaker.unwell),
        ready=ready,
        tasks=slack.tasks,
        worker=worker,
        pollers=pollers,
        scheduler=scheduler,
        courier=courier,
        homes=homes,
        database=slack.database,
        socket=socket,
        timekeeper=timekeeper,
    )


def _watch_services(
    settings: Settings, slack: SlackServices, board: WatchBoard, on_read: OnRead
) -> Iterator[WatchServices]:
    """For each organization its own: each has its token, and with it its budget."""
    for name in slack.planetscale.names:
        yield WatchServices(
            database=slack.database,
            kind=WatchedWorkflows(slack.planetscale.of(name), name, slack.clock, Pace(settings.poll_seconds)),
            board=board,
            policy=slack.policy,
            clock=slack.clock,
            organization=name,
            databases=slack.databases[name],
            default_channel=slack.default_channel,
            poll_seconds=settings.poll_seconds,
            worker=secrets.token_hex(8),
            alone=_is_sqlite(settings),
            random=random.random,
            on_read=on_read,
        )


def _renderers(
    slack: SlackServices,
    cards_of: CardsOf,
    board: OperationBoard,
    watch_board: WatchBoard,
    owes: Callable[[], None],
) -> Renderers:
    default = slack.planetscale.default
    return joined(
        OperationRenderers(board, cards_of, slack.clock, default, owes).subjects(),
        WatchRenderers(watch_board, slack.links, cards_of, slack.clock, default).subjects(),
    )


def _touched(scheduler: Scheduler, board: WatchBoard) -> Touched:
    """What a change of an operation's card means for the watch on its workflow, and for its live message."""

    def touched(connection: Connection, operation: Operation, now: datetime) -> None:
        watch_repository.touched(connection, operation, now)
        if operation.ref:
            board.root(connection, operation.ref, now)
        after_commit(connection, scheduler.wake)

    return touched


def _is_sqlite(settings: Settings) -> bool:
    """Whether this process is alone on its database."""
    return settings.database_url.startswith("sqlite")


def _gate(settings: Settings, bolt: AsyncApp, clock: Clock) -> SlackGate | None:
    """The HTTP door, unless Slack is reached over a socket."""
    secret = settings.slack_signing_secret
    if settings.socket_mode or secret is None:
        return None
    return SlackGate(bolt, secret.get_secret_value(), clock)


def _readiness(
    slack: SlackServices, worker: Worker, pollers: Pollers, courier: Courier, socket: Socket | None
) -> Readiness:
    known = {
        "worker": lambda: worker.moving,
        "watcher": lambda: pollers.moving,
        "courier": lambda: courier.healthy,
        "slack_token": lambda: courier.breaker.accepts,
    }
    asked: dict[str, Ask] = {
        "database": partial(writable, slack.database),
        "schema": partial(_schema, slack.database),
    }
    return Readiness(slack.clock, known, asked | ({"slack": socket.connected} if socket else {}))


def _metrics(
    settings: Settings, slack: SlackServices, ready: Readiness, figures: ProcessFigures
) -> Starlette:
    rows = RowFigures(slack.database, slack.clock)
    return metrics_page(
        figures, ready, rows, slack.planetscale, version=__version__, budget=settings.api_budget
    )


async def _schema(database: Database) -> bool:
    try:
        return await is_current(database)
    except StoreError:
        return False
