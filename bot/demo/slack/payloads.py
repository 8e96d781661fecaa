"""The payloads that Slack delivers. Source: docs.slack.dev, "Slash commands" and "Interaction payloads"."""

from bot.demo.slack.model import APP, BOT_USER, DOMAIN, TEAM, Channel, Json, Message, Person, View
from bot.demo.slack.world import World

TOKEN = "not-used-any-more"  # noqa: S105 - the deprecated verification token, which signing replaced
APP_FIELDS: Json = {"api_app_id": APP, "token": TOKEN, "enterprise": None, "is_enterprise_install": False}


def user_fields(person: Person) -> Json:
    name = person.name.lower().replace(" ", "_")
    return {"id": person.id, "username": name, "name": name, "team_id": person.team}


def channel_fields(channel: Channel) -> Json:
    names = {"dm": "directmessage", "private": "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def _base(world: World, kind: str, user: str) -> Json:
    """What every interaction carries."""
    team = {"id": TEAM, "domain": DOMAIN}
    ticket = {"trigger_id": world.new_trigger(user)}
    return {"type": kind, "team": team, "user": user_fields(world.people[user])} | APP_FIELDS | ticket


def slash_command(world: World, user: str, channel: Channel, typed: tuple[str, str]) -> Json:
    """`typed`: the command and the text after it. The `response_url` is added by who sends it."""
    place = channel_fields(channel)
    return {
        "token": TOKEN,
        "team_id": TEAM,
        "team_domain": DOMAIN,
        "channel_id": place["id"],
        "channel_name": place["name"],
        "user_id": user,
        "user_name": user_fields(world.people[user])["name"],
        "command": typed[0],
        "text": typed[1],
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "trigger_id": world.new_trigger(user),
    }


def in_message(
    world: World, user: str, message: Message, values: Json, attachment: int | None = None
) -> Json:
    """The part of `block_actions` that says where it was pressed."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.only_for is not None,
    }
    if attachment is not None:
        container |= {"type": "message_attachment", "attachment_id": attachment, "is_app_unfurl": False}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    place = {
        "container": container,
        "channel": channel_fields(world.channels[message.channel]),
        "state": {"values": values},
    }
    shown = {} if message.only_for else {"message": message.json(with_metadata=True)}
    return _base(world, "block_actions", user) | place | shown


def in_view(world: World, user: str, view: View, values: Json) -> Json:
    """The same for a modal or a Home tab."""
    return _base(world, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.json(values),
        "state": {"values": values},
    }


def action(world: World, block_id: str, element: Json, chosen: Json) -> Json:
    """One entry of `actions`."""
    own = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": world.new_ts(),
    }
    if element["type"] == "button":
        own |= {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    return own | chosen


def view_submission(world: World, user: str, view: View, values: Json) -> Json:
    return _base(world, "view_submission", user) | {"view": view.json(values), "response_urls": []}


def view_closed(world: World, user: str, view: View, cleared: bool) -> Json:
    payload = _base(world, "view_closed", user) | {"view": view.json(), "is_cleared": cleared}
    del payload["trigger_id"]
    return payload


def block_suggestion(world: World, user: str, text: str, place: Json) -> Json:
    """`place`: the ids of block and action, and the view or the message around them."""
    payload = _base(world, "block_suggestion", user) | {"value": text}
    del payload["trigger_id"]
    return payload | place


def message_action(world: World, user: str, message: Message, callback_id: str) -> Json:
    """A message shortcut."""
    return _base(world, "message_action", user) | {
        "callback_id": callback_id,
        "action_ts": world.new_ts(),
        "message_ts": message.ts,
        "channel": channel_fields(world.channels[message.channel]),
        "message": message.json(),
    }


def event(world: World, inner: Json) -> Json:
    """The outer part of an event."""
    channel = inner.get("channel")
    place = world.channels.get(channel) if isinstance(channel, str) else None
    return {
        "type": "event_callback",
        "token": TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "api_app_id": APP,
        "event": {"event_ts": world.new_ts()} | inner,
        "event_id": f"Ev{world.number():08d}",
        "event_time": int(world.clock.now().timestamp()),
        "is_ext_shared_channel": bool(place and place.shared),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
    }
