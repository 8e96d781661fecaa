"""What the handlers of Slack's payloads, and the App Home, work with."""

from collections.abc import Mapping
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.policy import Policy
from bot.clock import Clock
from bot.planetscale.organizations import Organizations
from bot.runtime.figures import NO_FIGURES, Figures
from bot.runtime.metering import Meters
from bot.runtime.tasks import Tasks
from bot.slack.approvers import Approvers
from bot.slack.delivery.links import Links
from bot.slack.directory import Home
from bot.slack.readership import Readership
from bot.slack.replies.private_replies import Replies
from bot.store.engine.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackServices:
    """The things that most handlers share: one of each for the whole process."""

    client: AsyncWebClient
    """It must not retry by itself."""
    home: Home
    """The workspace, and who the bot is there."""
    database: Database
    planetscale: Organizations
    replies: Replies
    approvers: Approvers
    readership: Readership
    links: Links
    policy: Policy
    clock: Clock
    tasks: Tasks
    """For what goes on after its caller was answered."""
    databases: Mapping[str, tuple[str, ...]]
    """Those that the bot is set up for, by organization; an only one need not be typed."""
    default_channel: str | None
    """`WORKFLOW_BOT_CHANNEL`: for what has no channel of its own."""
    figures: Figures = NO_FIGURES
    """What the process counts."""
    meters: Meters | None = None
    """What several processes count with; `None` where this one is alone."""
