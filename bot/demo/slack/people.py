"""Who is there when the demo starts, and how the Web API describes them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.demo.slack.model import (
    BOT,
    BOT_USER,
    ENTERPRISE,
    NOTICE_USER,
    OTHER_TEAM,
    TEAM,
    Channel,
    Json,
    Person,
)

ANA, BEN, CHIOMA, GIL, OLU = "U0ANA", "U0BEN", "U0CHIOMA", "U0GIL", "U0OLU"
DEE = "U0DEE"
"""Left the company: deactivated."""
OTHER_BOT = "U0DEPLOY"
DBAS = "S0DBAS"
DB_MOVES, RANDOM, PRIVATE, NO_BOT, SHARED, OLD = (
    "C0DBMOVES",
    "C0RANDOM",
    "C0DBAPRIV",
    "C0NOBOT",
    "C0SHARED",
    "C0OLD",
)


def people() -> dict[str, Person]:
    """Three full members, a guest, somebody of another company, a deactivated account, and the bots."""
    everyone = [
        Person(id=ANA, name="Ana"),
        Person(id=BEN, name="Ben", tz="Europe/Berlin"),
        Person(id=CHIOMA, name="Chioma", tz="Africa/Lagos"),
        Person(id=GIL, name="Gil", restricted=True),
        Person(id=OLU, name="Olu", team=OTHER_TEAM, stranger=True),
        Person(id=DEE, name="Dee", deleted=True),
        Person(id=BOT_USER, name="Workflow Bot", bot=True),
        Person(id=OTHER_BOT, name="Deploy Bot", bot=True),
        Person(id=NOTICE_USER, name="Notice"),
    ]
    return {person.id: person for person in everyone}


def usergroups() -> dict[str, tuple[str, list[str]]]:
    """Id → handle and members."""
    return {DBAS: ("dbas", [BEN, CHIOMA])}


def channels() -> dict[str, Channel]:
    """One of each kind that matters: public, private, without the bot, shared, archived, and direct ones."""
    full = {ANA, BEN, CHIOMA}
    places = [
        Channel(id=DB_MOVES, name="db-moves", members=full | {GIL, BOT_USER}, topic="Moving tables"),
        Channel(id=RANDOM, name="random", members=full | {GIL, BOT_USER}, topic="Anything else"),
        Channel(id=PRIVATE, name="dba-private", members={ANA, BEN, BOT_USER}, kind="private"),
        Channel(id=NO_BOT, name="no-bots", members=full, topic="The bot is not in here"),
        Channel(id=SHARED, name="with-other", members=full | {OLU, BOT_USER}, shared=True),
        Channel(id=OLD, name="old-moves", members=full | {BOT_USER}, archived=True),
    ]
    for person in (ANA, BEN, CHIOMA, GIL, OLU):
        place = f"D0{person.removeprefix('U0')}"
        places.append(Channel(id=place, name=person, members={person, BOT_USER}, kind="dm"))
    return {place.id: place for place in places}


def user_json(person: Person, now: datetime) -> Json:
    """As `users.info` answers it."""
    name = person.name.lower().replace(" ", "_")
    offset = ZoneInfo(person.tz).utcoffset(now.replace(tzinfo=None))
    answer: Json = {
        "id": person.id,
        "team_id": person.team,
        "name": name,
        "real_name": person.name,
        "deleted": person.deleted,
        "is_bot": person.bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
        "profile": {"real_name": person.name, "display_name": person.name, "team": person.team},
    }
    if person.bot:
        answer["profile"]["bot_id"] = BOT if person.id == BOT_USER else "B0DEPLOY"
    if person.stranger:
        answer["is_stranger"] = True
    if person.known_as:
        answer["enterprise_user"] = {
            "id": person.known_as,
            "enterprise_id": ENTERPRISE,
            "enterprise_name": "Acme",
            "is_admin": False,
            "is_owner": False,
            "teams": [person.team],
        }
    if person.deleted:
        return answer  # the roles and the zone of a deactivated account are not told
    return answer | {
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.restricted or person.ultra_restricted,
        "is_ultra_restricted": person.ultra_restricted,
    }


def channel_json(channel: Channel, viewer: str) -> Json:
    """As `conversations.info` answers it to `viewer`."""
    answer: Json = {
        "id": channel.id,
        "created": 1_700_000_000,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "dm",
        "is_mpim": False,
        "is_private": channel.kind != "channel",
        "is_archived": channel.archived,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
        "context_team_id": TEAM,
    }
    if channel.kind == "dm":
        return answer | {"user": channel.name, "is_open": True}
    return answer | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_member": viewer in channel.members,
        "is_general": False,
        "creator": ANA,
        "topic": {"value": channel.topic, "creator": ANA, "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }
