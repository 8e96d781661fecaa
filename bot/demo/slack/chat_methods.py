"""`chat.*`: posting, editing, deleting, and what only one person sees."""

from bot.demo.slack.arguments import Arguments
from bot.demo.slack.blockkit import attachment_problems
from bot.demo.slack.model import BOT_USER, Channel, Json, Message, SlackError
from bot.demo.slack.world import TEXT, Draft, World

UPDATE_TEXT = 4_000
NOT_OF_UPDATE = ("mrkdwn", "unfurl_links", "unfurl_media", "thread_ts")
"""What `chat.postMessage` takes and `chat.update` does not: Slack may ignore it, a test may not."""

NOT_OF_EPHEMERAL = ("mrkdwn", "unfurl_links", "unfurl_media", "metadata", "reply_broadcast")
"""The same for `chat.postEphemeral`."""


def draft_of(arguments: Arguments) -> Draft:
    """What the bot wants to show. Raises `SlackError` when it is malformed."""
    return Draft(
        text=arguments.text("text"),
        blocks=arguments.objects("blocks"),
        attachments=arguments.objects("attachments", "invalid_attachments"),
        keeps_attachments=not arguments.has("attachments"),
        metadata=arguments.object("metadata"),
        thread_ts=arguments.text("thread_ts") or None,
        broadcast=arguments.flag("reply_broadcast"),
        mrkdwn=arguments.flag("mrkdwn", default=True),
    )


def post_message(world: World, arguments: Arguments) -> Json:
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    world.may_post(channel, BOT_USER)
    draft = draft_of(arguments)
    draft.check()
    message = world.post(channel, BOT_USER, draft)
    return {"channel": channel.id, "ts": message.ts, "message": message.json(with_metadata=True)}


def update(world: World, arguments: Arguments) -> Json:
    _refuse(arguments, NOT_OF_UPDATE)
    message = _own(world, arguments, "cant_update_message")
    draft = draft_of(arguments)
    draft.check(UPDATE_TEXT)
    if draft.broadcast and not message.thread_ts:
        raise SlackError("cant_broadcast_message")
    world.edit(message, draft)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.json()}


def delete(world: World, arguments: Arguments) -> Json:
    message = _own(world, arguments, "cant_delete_message")
    world.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(world: World, arguments: Arguments) -> Json:
    _refuse(arguments, NOT_OF_EPHEMERAL)
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    user = arguments.needed("user")
    world.may_post(channel, BOT_USER)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    draft = draft_of(arguments)
    draft.check(TEXT)
    return {"message_ts": world.post(channel, BOT_USER, draft, only_for=user).ts}


def unfurl(world: World, arguments: Arguments) -> Json:
    """Say something under the links of somebody's message."""
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    message = world.find(channel.id, arguments.needed("ts"))
    if message is None:
        raise SlackError("cannot_find_message")
    unfurls = arguments.object("unfurls")
    if not unfurls:
        raise SlackError("missing_unfurls")
    if any(f"<{url}" not in message.text for url in unfurls):
        raise SlackError("cannot_unfurl_url")
    if attachment_problems(list(unfurls.values())):
        raise SlackError("cannot_parse_attachment")
    world.unfurl(message, unfurls)
    return {}


def get_permalink(world: World, arguments: Arguments) -> Json:
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    message = _message(world, channel, arguments.needed("message_ts"))
    return {"channel": channel.id, "permalink": permalink(message, world.page_url)}


def permalink(message: Message, page: str) -> str:
    """Where the page shows a message."""
    link = f"{page}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}" if message.thread_ts else link


def _refuse(arguments: Arguments, names: tuple[str, ...]) -> None:
    for name in names:
        if arguments.has(name):
            raise SlackError("invalid_arg_name", response_metadata={"messages": [f"[ERROR] no {name} here"]})


def _message(world: World, channel: Channel, ts: str) -> Message:
    message = world.find(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    return message


def _own(world: World, arguments: Arguments, otherwise: str) -> Message:
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    if channel.archived:
        raise SlackError("is_archived")
    message = _message(world, channel, arguments.needed("ts"))
    if message.user != BOT_USER:
        raise SlackError(otherwise)
    return message
