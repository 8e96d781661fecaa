"""Everything the page draws for one person."""

from bot.demo.slack.model import BOT_USER, NOTICE_USER, Channel, Json, Message, Person, View
from bot.demo.slack.present import Presenter
from bot.demo.slack.small_slack import SmallSlack


def state_for(slack: SmallSlack, user: str) -> Json:
    """People, places, messages and the open form, as this person sees them."""
    world = slack.world
    presenter = world.presenter(user)
    places = [channel for channel in world.channels.values() if user in channel.members]
    messages: dict[str, list[Json]] = {channel.id: [] for channel in places}
    for message in world.seen_by(user):
        messages[message.channel].append(_message(world.people, presenter, message))
    home = world.homes.get(user)
    form = slack.view_of(user)
    return {
        "version": world.changes.version,
        "me": user,
        "app": BOT_USER,
        "people": [_person(person) for person in world.people.values() if person.id != NOTICE_USER],
        "channels": [_channel(world.people, channel) for channel in places],
        "messages": messages,
        "view": _view(presenter, form) if form else None,
        "has_home": slack.has_home,
        "home": _view(presenter, home) if home else None,
    }


def label_of(person: Person) -> str:
    """What sets this account apart from a full member."""
    if person.bot:
        return "app"
    if person.stranger:
        return "other company"
    if person.restricted or person.ultra_restricted:
        return "guest"
    return "deactivated" if person.deleted else ""


def _person(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "label": label_of(person),
        "tz": person.tz,
        "here": not (person.bot or person.deleted),
    }


def _channel(people: dict[str, Person], channel: Channel) -> Json:
    direct = channel.kind == "dm"
    return {
        "id": channel.id,
        "name": people[BOT_USER].name if direct else channel.name,
        "kind": "shared" if channel.shared else channel.kind,
        "topic": "Direct messages with the app" if direct else channel.topic,
        "archived": channel.archived,
    }


def _message(people: dict[str, Person], presenter: Presenter, message: Message) -> Json:
    author = people[message.user]
    moment = int(float(message.ts))
    blocks, attachments = presenter.message(message)
    files = [
        file.json() | {"picture": file.is_picture, "alt": file.alt_text or file.title or file.name}
        for file in message.files
    ]
    return {
        "ts": message.ts,
        "channel": message.channel,
        "thread": message.thread_ts if message.thread_ts != message.ts else None,
        "broadcast": message.broadcast,
        "user": message.user,
        "name": author.name,
        "label": label_of(author),
        "time": presenter.words.date(moment, "{time}"),
        "day": presenter.words.date(moment, "{date_long_pretty}"),
        "full": presenter.words.date(moment, "{date_long} at {time_secs}"),
        "edited": message.edited is not None,
        "private": message.only_for is not None,
        "blocks": blocks,
        "attachments": attachments,
        "files": files,
    }


def _view(presenter: Presenter, view: View) -> Json:
    return {"id": view.id, "hash": view.hash} | presenter.view(view.body)
