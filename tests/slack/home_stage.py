"""Homes between a real database and the small Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.approvals.policy import load_policy
from bot.demo.clock import ManualClock
from bot.demo.slack.model import DOMAIN, TEAM, Person
from bot.operations.model import DecisionKind, Operation, State
from bot.operations.storage import press_rows, repository
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.runtime.tasks import Tasks
from bot.slack.approvers import Approvers
from bot.slack.cards.answers.home_page import REFRESH
from bot.slack.delivery.links import Links
from bot.slack.directory import Home, SlackDirectory
from bot.slack.handlers.button_presses import pressed_of
from bot.slack.home.homes import Homes
from bot.slack.lists.keeping import ListKeeper
from bot.slack.lists.reading import Lists
from bot.slack.readership import Readership
from bot.watch.model import Origin, Watch
from bot.watch.storage import watch_repository
from bot.workflows.observing.observed_state import ObservedState
from tests.slack.cards.stories import COPIED, NAMES, an_operation
from tests.slack.courier_stage import Stage, open_stage
from tests.slack.services import some_services

HOME = Home(TEAM, None, "U0WFBOT", url=f"https://{DOMAIN}.slack.com/")


@dataclass(slots=True)
class HomeStage:
    """What a test works with."""

    post: Stage
    homes: Homes
    tasks: Tasks

    def another(self, policy: str | None = None) -> "HomeStage":
        """Another process over the same rows, or the same one after a restart."""
        return _staged(self.post, policy)

    async def open(self, user: str, **differs: Any) -> None:
        """Somebody opens their Home; the event is handled to its end."""
        event = {"type": "app_home_opened", "user": user, "tab": "home"} | differs
        self.homes.opened({"team_id": TEAM, "event": event})
        await self.tasks.idle()

    async def refresh(self, user: str) -> None:
        """Somebody presses Refresh in their Home; that is handled to its end."""
        body = {"user": {"id": user}, "team": {"id": TEAM}}
        self.homes.pressed(pressed_of(body, {"action_id": REFRESH, "value": "all"}))
        await self.tasks.idle()

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, with Homes kept after each step."""
        for _ in range(round(seconds / step)):
            self.post.clock.advance(step)
            await self.homes.run_once()

    def reads(self, user: str) -> str:
        """What somebody reads in their Home; nothing if they never got one."""
        home = self.post.slack.world.homes.get(user)
        return self.post.slack.visible_text(home) if home else ""

    def drawn(self, user: str | None = None) -> list[float]:
        """When a Home was drawn, in seconds since the beginning."""
        calls = self.post.slack.calls_to("views.publish")
        start = self.post.clock.now() - timedelta(seconds=self.post.clock.monotonic())
        return [
            (call.at - start).total_seconds()
            for call in calls
            if user in (None, call.arguments["user_id"]) and call.status == 200
        ]

    async def asked(self, id_: str = "op1", **differs: Any) -> Operation:
        """Ana asks for something on shop #3 that waits for a second person."""
        usual: dict[str, Any] = {"id": id_, "names": NAMES, "asked_at": self.post.clock.now()}
        operation = an_operation(WorkflowCall.SWITCH_REPLICAS, COPIED, State.WAITING, **usual | differs)
        await self.post.database.write(repository.add, operation, None)
        return operation

    async def moved(self, id_: str, to: State) -> None:
        """It comes into another state."""
        await self.post.database.write(_move, id_, to, self.post.clock.now())

    async def approved(self, id_: str, user: str) -> None:
        """Somebody's approval counted, and it needs more."""
        await self.post.database.write(_approve, id_, user, self.post.clock.now())

    async def watched(self, workflow: Workflow, number: int = 3, database: str = "shop") -> Watch:
        """A workflow is watched, and was read like this."""
        ref = WorkflowRef("acme", database, number)
        return await self.post.database.write(_watch, ref, workflow, self.post.clock.now())

    def crowd(self, number: int) -> list[str]:
        """So many more full members."""
        people = [Person(id=f"U0P{one:03}", name=f"Person {one}") for one in range(number)]
        self.post.slack.people.update({person.id: person for person in people})
        return [person.id for person in people]

    def change(self, user: str, **differs: Any) -> None:
        """An account becomes another kind of account."""
        self.post.slack.people[user] = replace(self.post.slack.people[user], **differs)


def _move(connection: Connection, id_: str, to: State, now: Any) -> None:
    operation = repository.load(connection, id_)
    assert operation
    repository.move(connection, operation, to, now)


def _approve(connection: Connection, id_: str, user: str, now: Any) -> None:
    pressed = press_rows.Press(
        operation_id=id_, user_id=user, trigger_id=user, kind="approve", prefix="", received_at=now
    )
    press_rows.press(connection, pressed)
    (taken,) = press_rows.undecided(connection, id_)
    press_rows.settle(connection, taken, now, "still waiting")
    press_rows.count(connection, taken, DecisionKind.APPROVE, now)


def _watch(connection: Connection, ref: WorkflowRef, workflow: Workflow, now: Any) -> Watch:
    watch = watch_repository.find(connection, ref) or watch_repository.begin(
        connection, ref, places=("C0DBMOVES",), origin=Origin.FOUND, now=now
    )
    observed = ObservedState(workflow=workflow, read_at=now, detail_at=now, entered_at=now)
    return watch_repository.swap(connection, watch, observed=observed)


class NoLists:
    """There are no databases to be read."""

    def lists(self, _organization: str, _may_read: Any) -> Lists | None:
        return Lists()

    async def refresh(self, *_asked: Any) -> bool:
        return False


def _staged(post: Stage, policy_text: str | None = None, lists: ListKeeper | None = None) -> HomeStage:
    client = AsyncWebClient(token=post.slack.bot_token, base_url=post.api, timeout=10, retry_handlers=[])
    policy, tasks = load_policy(policy_text), Tasks()
    planetscale: Any = None  # nothing of a Home is read there
    people = SlackDirectory(client, HOME, post.clock)
    approvers = Approvers(client, people, post.clock)
    services = some_services(
        client=client,
        home=HOME,
        database=post.database,
        planetscale=Organizations({"acme": planetscale}, "acme"),
        readership=Readership(people, approvers, policy),
        links=Links(HOME.url),
        policy=policy,
        clock=post.clock,
        tasks=tasks,
        databases={},
    )
    return HomeStage(post, Homes(services, lists or NoLists()), tasks)


@asynccontextmanager
async def open_home_stage(
    url: str,
    policy: str | None = None,
    clock: ManualClock | None = None,
    lists: ListKeeper | None = None,
) -> AsyncIterator[HomeStage]:
    """Homes over the database at `url`, between the stand-ins. `policy`: the text of the policy file."""
    async with open_stage(url, clock) as post:
        yield _staged(post, policy, lists)
