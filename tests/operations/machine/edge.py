"""The bot's edge to Slack over the machine's engine: the real listeners, desk, forms and Homes."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.operations.services import Services
from bot.operations.worker import Worker
from bot.runtime.tasks import Grace, Tasks
from bot.slack.approvers import Approvers
from bot.slack.delivery.links import Links
from bot.slack.delivery.operation_board import OperationBoard
from bot.slack.delivery.watch_board import WatchBoard
from bot.slack.directory import Home, SlackDirectory
from bot.slack.handlers.action_requests import ActionRequests, Workshop
from bot.slack.handlers.explanations import Explanations
from bot.slack.handlers.finder import Finder
from bot.slack.handlers.forms.creating import CreateForm
from bot.slack.handlers.forms.submitting import CHECK_WITHIN
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
from bot.watch.storage.table_sample_rows import TableSamples, kept
from tests.operations.machine.slack import BOT, TEAM, Slack


class HurriedForm(CreateForm):
    """The form; where `hurried`, PlanetScale has no time to be asked before Slack must be answered."""

    def __init__(self, workshop: Workshop, readership: Readership, replies: Replies) -> None:
        super().__init__(workshop, ActionRequests(workshop), readership, replies)
        self.hurried = False

    async def submit(
        self, body: Mapping[str, Any], view: Mapping[str, Any], within: float = CHECK_WITHIN
    ) -> dict[str, Any]:
        """As the form does; the time is over at once if `hurried`."""
        return await super().submit(body, view, 0.0 if self.hurried else within)


class Edge:
    """One life of it. Make it in a running loop."""

    def __init__(self, client: Slack, http: httpx.AsyncClient, parts: Services, worker: Worker) -> None:
        self.tasks = Tasks()
        home = Home(TEAM, None, BOT, "B0BOT", "https://acme.slack.com")
        people, replies = SlackDirectory(client, home), Replies(client, http, parts.clock)
        approvers = Approvers(client, people, parts.clock)
        readership = Readership(people, approvers, parts.policy)
        links, organizations = Links(home.url), parts.planetscale
        workshop = Workshop(parts, worker, client, home, self.tasks)
        self.form = HurriedForm(workshop, readership, replies)

        async def samples(ref: Any, /) -> TableSamples:
            return await parts.database.read(kept, ref)

        questions = Questions(organizations, readership, replies, parts.clock, samples=samples)
        board = OperationBoard(links, lambda *_: None, lambda: None)
        post = Post(
            database=parts.database,
            organizations=organizations,
            finder=Finder(organizations),
            readership=readership,
            people=approvers,
            replies=replies,
            links=links,
            board=WatchBoard(lambda: None),
            policy=parts.policy,
            clock=parts.clock,
            default_channel=None,
            wake=lambda: None,
        )
        means = Means(
            client=client,
            organizations=organizations,
            questions=questions,
            readership=readership,
            people=approvers,
            replies=replies,
            policy=parts.policy,
        )
        records = Records(
            Shelf(parts.database, board, links, organizations, {}), readership, replies, parts.clock
        )
        explaining = Explanations(client, replies, home, parts.database, parts.clock)
        staff = Handlers(
            ActionRequests(workshop),
            self.form,
            questions,
            records,
            WatchCommands(post),
            Sharing(means),
            explaining,
        )
        desk = Router(home, organizations, staff, self.tasks, databases={})
        self._bolt = build_bolt(client, home, desk)
        listen_for_forms(self._bolt, self.form, desk)
        home_parts = HomeServices(
            client=client,
            database=parts.database,
            readership=readership,
            shelf=HomeShelf(links, parts.policy, organizations),
            clock=parts.clock,
        )
        self.homes = Homes(home_parts, home, self.tasks)
        listen_for_homes(self._bolt, self.homes)
        listen_for_the_rest(self._bolt, desk)

    async def deliver(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Deliver a payload that the gate let through; the ack's body, once nothing is under way any more."""
        answer = await self._bolt.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        await self.tasks.idle()
        assert answer.status in {200, 404}, f"no listener may fail: {payload}"  # 404: a form without a name
        try:
            body: dict[str, Any] = json.loads(answer.body or "{}")
        except ValueError:
            return {}
        return body

    async def close(self) -> None:
        """The process is gone."""
        await self.tasks.drain(Grace(work=0))
