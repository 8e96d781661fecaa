"""`auth.*`, `users.*`, `usergroups.*`, `conversations.*`: who and where."""

from bot.demo.slack.arguments import Arguments
from bot.demo.slack.model import BOT, BOT_USER, TEAM, Json, Message, SlackError
from bot.demo.slack.people import channel_json, user_json
from bot.demo.slack.world import World

LAST = {"response_metadata": {"next_cursor": ""}}


def auth_test(world: World, _: Arguments) -> Json:
    return {
        "url": f"{world.page_url}/",  # messages are found below it, as in Slack
        "team": "Acme",
        "user": world.people[BOT_USER].name.lower().replace(" ", "_"),
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def users_info(world: World, arguments: Arguments) -> Json:
    person = world.people.get(arguments.needed("user"))
    if person is None:
        raise SlackError("user_not_found")
    if not person.visible:
        raise SlackError("user_not_visible")
    return {"user": user_json(person, world.clock.now())}


def users_list(world: World, arguments: Arguments) -> Json:
    limit, first = arguments.number("limit", 1000, 1000), _cursor(arguments)
    everyone = list(world.people.values())
    now = world.clock.now()
    members = [user_json(person, now) for person in everyone[first : first + limit]]
    return {"members": members, "cache_ts": int(now.timestamp())} | _page(first + limit, len(everyone))


def usergroup_users(world: World, arguments: Arguments) -> Json:
    group = world.usergroups.get(arguments.needed("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group[1])}


def conversation_info(world: World, arguments: Arguments) -> Json:
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    answer = channel_json(channel, BOT_USER)
    if arguments.flag("include_num_members"):
        answer["num_members"] = len(channel.members)
    return {"channel": answer}


def conversation_members(world: World, arguments: Arguments) -> Json:
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    limit, first = arguments.number("limit", 100, 1000), _cursor(arguments)
    members = sorted(channel.members)
    return {"members": members[first : first + limit]} | _page(first + limit, len(members))


def conversation_open(world: World, arguments: Arguments) -> Json:
    names = arguments.names("users")
    if len(names) != 1:
        raise SlackError("not_enough_users" if not names else "too_many_users")
    person = world.people.get(names[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    try:
        channel = world.channel_for(person.id, BOT_USER)
    except SlackError:
        raise SlackError("cannot_dm_bot") from None
    whole = channel_json(channel, BOT_USER) if arguments.flag("return_im") else {"id": channel.id}
    return {"channel": whole, "no_op": True, "already_open": True}


def history(world: World, arguments: Arguments) -> Json:
    messages = [m for m in _inside(world, arguments) if not m.thread_ts or m.broadcast or m.thread_ts == m.ts]
    return _shown(world, arguments, messages[::-1])


def replies(world: World, arguments: Arguments) -> Json:
    ts = arguments.needed("ts")
    messages = [m for m in _inside(world, arguments) if ts in (m.ts, m.thread_ts)]
    if not messages:
        raise SlackError("thread_not_found")
    return _shown(world, arguments, messages)


def _inside(world: World, arguments: Arguments) -> list[Message]:
    channel = world.channel_for(arguments.needed("channel"), BOT_USER)
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    oldest, latest = arguments.text("oldest", "0"), arguments.text("latest") or "9" * 10
    inclusive = arguments.flag("inclusive")
    try:
        first, last = float(oldest), float(latest)
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None

    def within(message: Message) -> bool:
        moment = float(message.ts)
        return first <= moment <= last if inclusive else first < moment < last

    return [m for m in world.messages if m.channel == channel.id and not m.only_for and within(m)]


def _shown(world: World, arguments: Arguments, messages: list[Message]) -> Json:
    limit, first = arguments.number("limit", 100, 999), _cursor(arguments)
    with_metadata = arguments.flag("include_all_metadata")
    shown = [
        _with_thread(world, m, m.json(with_metadata=with_metadata)) for m in messages[first : first + limit]
    ]
    return {"messages": shown, "has_more": first + limit < len(messages)} | _page(
        first + limit, len(messages)
    )


def _with_thread(world: World, message: Message, answer: Json) -> Json:
    below = [m for m in world.messages if m.channel == message.channel and m.thread_ts == message.ts]
    if below:
        answer |= {"thread_ts": message.ts, "reply_count": len(below), "latest_reply": below[-1].ts}
    return answer


def _cursor(arguments: Arguments) -> int:
    cursor = arguments.text("cursor", "") or "0"
    if not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    return int(cursor)


def _page(following: int, total: int) -> Json:
    return {"response_metadata": {"next_cursor": str(following)}} if following < total else LAST
