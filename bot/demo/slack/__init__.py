"""A small Slack: a stand-in for trying and testing the bot. It is not Slack."""

from bot.demo.slack.faults import RateLimits
from bot.demo.slack.inputs import FormError
from bot.demo.slack.model import Call, Delivery, Message, Person, SlackError, View
from bot.demo.slack.small_slack import SmallSlack
from bot.demo.slack.web_api import api_routes

__all__ = [
    "Call",
    "Delivery",
    "FormError",
    "Message",
    "Person",
    "RateLimits",
    "SlackError",
    "SmallSlack",
    "View",
    "api_routes",
]
