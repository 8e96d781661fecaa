"""The Slack app's manifest: what the bot needs at Slack, and why."""

import re

from bot.planetscale.refs import PAGES_HOST
from bot.slack.cards.answers.what_is_this import WHAT_IS_THIS
from bot.slack.listeners import COMMAND
from bot.slack.web import EVENTS_PATH

SCOPES = {
    "commands": "take /workflow",
    "app_mentions:read": "be asked by its name, also in threads, where Slack takes no slash commands",
    "chat:write": "post cards and replies where it is a member",
    "chat:write.public": "post them in public channels that nobody invited it to",
    "channels:read": "know public channels that other companies see",
    "groups:read": "the same for private channels that it is a member of",
    "channels:history": "find its own message again after a post whose answer was lost",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages, and be asked there without a slash",
    "mpim:history": "the same in group direct messages",
    "mpim:read": "know who reads group direct messages",
    "links:read": "notice the pasted link of a workflow's page at PlanetScale",
    "links:write": "say under it who serves writes and what comes next",
    "files:write": "send long answers as a file",
    "im:write": "open the direct messages that files and lost cards go to",
    "users:read": "know full members from guests and other companies",
    "usergroups:read": "know who is in the groups that the policy names",
}


_ADDRESS = re.compile(
    r"https://(?P<host>[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?)(?P<path>(?:/[a-z0-9._~%@+-]*)*)", re.IGNORECASE
)


class AddressError(ValueError):
    """The bot's public address cannot be used; the text is a sentence for the person who typed it."""


def public_address(text: str) -> str:
    """`https://host` or `https://host/prefix` of an address: Slack calls `/slack/events` under it.

    An address that ends with that path already stands for the one before it. Raises `AddressError` for what
    is no `https` address, or has more than a path after the host.
    """
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        msg = (
            "--url takes the bot's public address, as in https://bot.example.org or "
            "https://bot.example.org/prefix, without ? and #: Slack calls only https."
        )
        raise AddressError(msg)
    path = match["path"].rstrip("/").removesuffix(EVENTS_PATH).rstrip("/")
    return f"https://{match['host']}{path}"


def manifest(url: str | None) -> str:
    """The manifest as YAML: for HTTP at `url` (the bot's public address), or for Socket Mode without one.

    Raises `AddressError` for an address that Slack could not call.
    """
    request_url = f"{public_address(url)}{EVENTS_PATH}" if url is not None else None
    address = f"      url: {request_url}\n" if request_url else ""
    options = f"    message_menu_options_url: {request_url}\n" if request_url else ""
    deliveries = f"    request_url: {request_url}\n" if request_url else ""
    scopes = "".join(f"      - {scope} # {why}\n" for scope, why in SCOPES.items())
    return f"""\
display_information:
  name: Workflow Bot
  description: PlanetScale workflows where the team already is
  background_color: "#1f3a4d"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: Workflow Bot
    always_online: true
  slash_commands:
    - command: {COMMAND}
      description: Move tables between keyspaces, together
{address}\
      usage_hint: "show <database> <number> · list <database> · help"
      should_escape: false
  shortcuts:
    - name: What is this?
      type: message
      callback_id: {WHAT_IS_THIS}
      description: Explains a message of this bot and the two-person rule
  unfurl_domains:
    - {PAGES_HOST}
oauth_config:
  scopes:
    bot:
{scopes}\
settings:
  event_subscriptions:
{deliveries}\
    bot_events:
      - app_home_opened
      - app_mention
      - link_shared
      - message.im
  interactivity:
    is_enabled: true
{deliveries}{options}\
  org_deploy_enabled: false
  socket_mode_enabled: {"false" if request_url else "true"}
  token_rotation_enabled: false
"""
