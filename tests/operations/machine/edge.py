"""The bot's edge to Slack over the machine's engine: the real listeners, router, forms and Homes."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.operations.services import Services
from bot.planetscale.organizations import Organizations
from bot.runtime.tasks import Grace, Tasks
from bot.slack.approvers import Approvers
from bot.slack.delivery.links import Links
from bot.slack.delivery.operation_board import OperationBoard
from bot.slack.delivery.watch_board import WatchBoard
from bot.slack.directory import Home, SlackDirectory
from bot.slack.handlers.action_requests import ActionRequests
from bot.slack.handlers.explanations import Explanations
from bot.slack.handlers.forms.creating import CreateForm
from bot.slack.handlers.forms.submitting import CHECK_WITHIN
from bot.slack.handlers.questions import Questions
from bot.slack.handlers.records import Records
from bot.slack.handlers.router import Router
from bot.slack.handlers.sharing import Sharing
from bot.slack.handlers.watch_commands import WatchCommands
from bot.slack.home.homes import Homes
from bot.slack.listeners import build_bolt, listen_for_forms, listen_for_homes, listen_for_the_rest
from bot.slack.readership import Readership
from bot.slack.replies.private_replies import Replies
from bot.slack.slack_services import SlackServices
from bot.slack.workflow_cards import WorkflowCards
from tests.operations.machine.slack import BOT, TEAM, Slack
from tests.slack.home_stage import NoLists


class HurriedForm(CreateForm):
    """The form; where `hurried`, PlanetScale has no time to be asked before Slack must be answered."""

    def __init__(self, services: SlackServices, operations: Services, actions: ActionRequests) -> None:
        super().__init__(services, operations, actions)
        self.hurried = False

    async def submit(
        self, body: Mapping[str, Any], view: Mapping[str, Any], within: float = CHECK_WITHIN
    ) -> dict[str, Any]:
        """As the form does; the time is over at once if `hurried`."""
        return await super().submit(body, view, 0.0 if self.hurried else within)


class Edge:
    """One life of it. Make it in a running loop."""

    def __init__(
        self,
        client: Slack,
        http: httpx.AsyncClient,
        operations: Services,
        organizations: Organizations,
    ) -> None:
        self.tasks = Tasks()
        home = Home(TEAM, None, BOT, "B0BOT", "https://acme.slack.com")
        clock = operations.clock
        directory = SlackDirectory(client, home, clock)
        approvers = Approvers(client, directory, clock)
        services = SlackServices(
            client=client,
            home=home,
            database=operations.database,
            planetscale=organizations,
            replies=Replies(client, http, clock),
            approvers=approvers,
            readership=Readership(directory, approvers, operations.policy),
            links=Links(home.url),
            policy=operations.policy,
            clock=clock,
            tasks=self.tasks,
            databases={},
            default_channel=None,
        )
        actions = ActionRequests(services, operations.board, operations.responder)
        self.form = HurriedForm(services, operations, actions)
        questions, cards = Questions(services, self._on_read), WorkflowCards(services.policy)
        board = OperationBoard(services.links, lambda _: cards, lambda *_: None)
        router = Router(
            services,
            actions=actions,
            form=self.form,
            questions=questions,
            records=Records(services, board),
            watches=WatchCommands(services, WatchBoard(lambda _: cards)),
            sharing=Sharing(services, questions),
            explanations=Explanations(services),
        )
        self.homes = Homes(services, NoLists())
        self._bolt = build_bolt(client, home, router)
        listen_for_forms(self._bolt, self.form, router)
        listen_for_homes(self._bolt, self.homes)
        listen_for_the_rest(self._bolt, router)

    async def _on_read(self, *_read: Any) -> None:
        """Nobody else shows what was read for an answer."""

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
