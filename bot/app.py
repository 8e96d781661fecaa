"""The composition root: builds everything and connects it, bottom up. The only file that knows all."""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial

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
from bot.process import Bot, Role, WebParts, WorkerParts
from bot.runtime.figures import NO_FIGURES
from bot.runtime.readiness import Ask, Readiness
from bot.runtime.supervisor import Supervisor
from bot.runtime.tasks import Tasks
from bot.settings import Settings, read_policy
from bot.slack.approvers import Approvers
from bot.slack.breaker import TokenBreaker
from bot.slack.connect import check_app_token, find_home
from bot.slack.delivery.courier import Courier, Rates
from bot.slack.delivery.links import Links
from bot.slack.delivery.operation_board import OperationBoard
from bot.slack.delivery.operation_renderer import OperationRenderers
from bot.slack.delivery.rendering import Renderers, joined
from bot.slack.delivery.subject_cards import SubjectCards
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
from bot.store.engine.listening import Listener
from bot.store.engine.notify import Part, notify
from bot.store.meters import SharedMeters
from bot.store.migrate import is_usable, migrate, require_current
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


async def build(
    settings: Settings,
    clock: Clock,
    rates: Rates | None = None,
    figures: ProcessFigures | None = None,
    role: Role = Role.RUN,
) -> Bot:
    """Check the database and the tokens at Slack, and build the parts that `role` has.

    Only where it has them all is the database brought to the current schema: processes that share it leave
    that to `workflow-bot migrate`. `figures`: what the process counts, where `Bot.metrics` is to show it.
    Raises `SettingsError`, `SlackRefusedError` and the errors of `bot.store.errors`.
    """
    policy = read_policy(settings)
    for warning in policy.warnings:
        log.warning("policy", line=warning)
    if settings.route.note:
        log.warning("environment", line=settings.route.note)
    counts = figures or NO_FIGURES
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(
            Database(settings.database_url, carries=CARRIES, figures=counts)
        )
        if role is not Role.RUN:
            await require_current(database)
        client = slack_client(settings, counts)
        home = await find_home(client, clock)
        app_token = _app_token(settings, role)
        if app_token:
            await check_app_token(client, app_token, clock)
        await _prepare(settings, database, role)
        meters = None if _is_alone(settings) else SharedMeters(database)
        planetscale = await resources.enter_async_context(
            planetscale_organizations(settings, clock, counts, meters)
        )
        http = await resources.enter_async_context(reply_client(settings, counts))
        directory = SlackDirectory(client, home, clock)
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
            meters=meters,
        )
        log.info(
            "built",
            role=role.value,
            team=home.team_id,
            organizations=planetscale.names,
            socket_mode=bool(app_token),
        )
        bot = await _bot(settings, slack, role, app_token, rates)
        metrics = _metrics(settings, slack, bot.ready, figures, role) if figures else None
        return replace(bot, metrics=metrics, resources=resources.pop_all())


async def _prepare(settings: Settings, database: Database, role: Role) -> None:
    """What is done once the tokens are known to be right."""
    file = file_of(parse_address(settings.database_url))
    if said := file and exposed(file):
        log.warning("database_file", line=said)
    if role is Role.RUN:
        await migrate(database)


def _app_token(settings: Settings, role: Role) -> str | None:
    """The token for the socket, where this process opens one."""
    return settings.slack_app_token.get_secret_value() if settings.slack_app_token and role.answers else None


class _Shared:
    """What the parts stand on, whichever of them a process has: boards, cards, the services of the engine."""

    def __init__(self, settings: Settings, slack: SlackServices) -> None:
        self.settings, self.slack = settings, slack
        self.breaker = TokenBreaker(slack.clock)
        self.workflows = Workflows(slack.planetscale, slack.clock)
        self._cards = WorkflowCards(slack.policy)
        self.watch_board = WatchBoard(self.cards_of)
        self.board = OperationBoard(slack.links, self.cards_of, self._touched, slack.default_channel)
        self.watching = tuple(_watch_services(settings, slack, self.watch_board, self._concluded))
        self.watch_follower = WatchFollower(self.watching)
        self.operations = Services(
            database=slack.database,
            kind_of=lambda _: self.workflows,
            people=slack.approvers,
            responder=SlackResponder(slack.replies, slack.client, slack.clock, slack.planetscale.default),
            board=self.board,
            policy=slack.policy,
            clock=slack.clock,
            default_channel=slack.default_channel,
            worker=secrets.token_hex(8),
            can_tell=lambda: self.breaker.accepts,
            on_read=self.watch_follower,
            figures=slack.figures,
        )
        self.readback = Readback(self.operations)

    def cards_of(self, _: Operation | Watch) -> SubjectCards:
        """How it reads."""
        return self._cards  # all that there is so far

    def _concluded(self, connection: Connection, ref: Ref, snapshot: Snapshot, began: datetime) -> None:
        self.readback.seen(connection, ref, snapshot, began)

    def _touched(self, connection: Connection, operation: Operation, now: datetime) -> None:
        """The watch on its workflow, and its live message, follow what changes a card."""
        watch_repository.touched(connection, operation, now)
        if operation.ref:
            self.watch_board.root(connection, operation.ref, now)
        notify(connection, Part.WATCH)


async def _bot(
    settings: Settings, slack: SlackServices, role: Role, app_token: str | None, rates: Rates | None
) -> Bot:
    """Everything that stands on the services, from what is drawn to what is listened to."""
    shared = _Shared(settings, slack)
    work = await _working(shared, rates) if role.works else None
    web = _answering(shared, app_token) if role.answers else None
    supervisor = Supervisor(slack.clock, slack.figures)
    ready = _readiness(shared, supervisor, work, web)
    gate = _gate(settings, web.bolt, slack.clock) if web else None
    return Bot(
        web=build_web(gate, ready, lambda: shared.breaker.unwell),
        ready=ready,
        tasks=slack.tasks,
        database=slack.database,
        planetscale=slack.planetscale,
        web_parts=web,
        worker_parts=work,
        supervisor=supervisor,
        listener=None
        if _is_alone(settings)
        else Listener(settings.database_url, slack.database, slack.clock),
    )


async def _working(shared: _Shared, rates: Rates | None) -> WorkerParts:
    slack = shared.slack
    wakes, loop = slack.database.wakes, asyncio.get_running_loop()
    timekeeper = Timekeeper(slack.database, slack.clock)
    await timekeeper.begin()
    worker = Worker(shared.operations, alone=_is_alone(shared.settings))
    pollers = Pollers(shared.watching)
    scheduler = Scheduler(pollers, Pace(shared.settings.poll_seconds), slack.clock, timekeeper)

    def wake_worker() -> None:
        loop.call_soon_threadsafe(worker.wake)

    def owes() -> None:
        worker.owes()
        wake_worker()

    courier = Courier(
        slack.database,
        slack.client,
        _renderers(shared, owes),
        slack.clock,
        rates,
        breaker=shared.breaker,
        meters=slack.meters,
    )
    wakes.on(Part.WORKER, wake_worker)
    wakes.on(Part.WATCH, scheduler.wake)
    wakes.on(Part.COURIER, courier.wake)
    return WorkerParts(worker, pollers, scheduler, courier, timekeeper)


def _answering(shared: _Shared, app_token: str | None) -> WebParts:
    slack = shared.slack
    homes = Homes(slack, KeptLists(ListReader(slack.planetscale, slack.clock), slack.clock))
    slack.database.wakes.on(Part.HOME, homes.wake)
    actions = ActionRequests(slack, shared.board, shared.operations.responder)
    form = CreateForm(slack, shared.operations, actions)
    questions = Questions(slack, SharedReads(slack.database, shared.watch_follower, shared.readback).seen)
    router = Router(
        slack,
        actions=actions,
        form=form,
        questions=questions,
        records=Records(slack, shared.board),
        watches=WatchCommands(slack, shared.watch_board),
        sharing=Sharing(slack, questions),
        explanations=Explanations(slack),
    )
    bolt = build_bolt(slack.client, slack.home, router, slack.figures)
    listen_for_forms(bolt, form, router)
    listen_for_homes(bolt, homes)
    listen_in_passing(bolt, Passing(slack, router), Unfurling(slack, questions))
    listen_for_the_rest(bolt, router)
    return WebParts(bolt, homes, Socket(bolt, app_token) if app_token else None)


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
            alone=_is_alone(settings),
            random=random.random,
            on_read=on_read,
        )


def _renderers(shared: _Shared, owes: Callable[[], None]) -> Renderers:
    slack, cards_of, watch_board = shared.slack, shared.cards_of, shared.watch_board
    default = slack.planetscale.default
    return joined(
        OperationRenderers(shared.board, cards_of, slack.clock, default, owes).subjects(),
        WatchRenderers(watch_board, slack.links, cards_of, slack.clock, default).subjects(),
    )


def _is_alone(settings: Settings) -> bool:
    """Whether no other process works on its database."""
    return file_of(parse_address(settings.database_url)) is not None


def _gate(settings: Settings, bolt: AsyncApp, clock: Clock) -> SlackGate | None:
    """The HTTP door, unless Slack is reached over a socket."""
    secret = settings.slack_signing_secret
    if settings.socket_mode or secret is None:
        return None
    return SlackGate(bolt, secret.get_secret_value(), clock)


def _readiness(
    shared: _Shared, supervisor: Supervisor, work: WorkerParts | None, web: WebParts | None
) -> Readiness:
    """Of the parts that this process has: no web process is taken out for what the workers do."""
    slack = shared.slack
    known: dict[str, Callable[[], bool]] = {"parts": lambda: supervisor.all_run}
    asked: dict[str, Ask] = {
        "database": partial(writable, slack.database),
        "schema": partial(is_usable, slack.database),
    }
    if work:
        known["worker"] = lambda: work.worker.moving
        known["watcher"] = lambda: work.pollers.moving
        known["courier"] = lambda: work.courier.healthy
        known["slack_token"] = lambda: shared.breaker.accepts
    if web and web.socket:
        asked["slack"] = web.socket.connected
    return Readiness(slack.clock, known, asked)


def _metrics(
    settings: Settings, slack: SlackServices, ready: Readiness, figures: ProcessFigures, role: Role
) -> Starlette:
    rows = RowFigures(slack.database, slack.clock)
    return metrics_page(
        figures,
        ready,
        rows,
        slack.planetscale,
        version=__version__,
        role=role.value,
        budget=settings.api_budget,
    )
