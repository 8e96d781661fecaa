"""Turns ids, moments and emoji names into the words that one reader sees."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.demo.slack.model import Channel, Json, Person

EMOJI = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "warning": "⚠️",
    "no_entry": "⛔",
    "question": "❓",
    "leftwards_arrow_with_hook": "↩️",
    "x": "❌",
    "eyes": "👀",
    "hourglass_flowing_sand": "⏳",
    "lock": "🔒",
    "rotating_light": "🚨",
    "information_source": "ℹ️",
    "arrow_right": "➡️",
    "wave": "👋",
    "tada": "🎉",
    "+1": "👍",
}
TOKEN = re.compile(r"\{(\w+)\}")
ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


@dataclass(frozen=True, slots=True)
class Words:
    """What names and moments read like, in `zone` at the moment `now`."""

    people: Mapping[str, Person]
    channels: Mapping[str, Channel]
    usergroups: Mapping[str, tuple[str, list[str]]]
    now: datetime
    zone: str = "UTC"
    reader: str | None = None
    """Whose words they are, if anybody's in particular."""

    def of(self, element: Json) -> str:
        """The words for one inline element of a rich text."""
        match element.get("type"):
            case "user":
                person = self.people.get(element["user_id"])
                return f"@{person.name if person else element['user_id']}"
            case "channel":
                channel = self.channels.get(element["channel_id"])
                return f"#{channel.name if channel else element['channel_id']}"
            case "usergroup":
                handle, _ = self.usergroups.get(element["usergroup_id"], (element["usergroup_id"], []))
                return f"@{handle}"
            case "broadcast":
                return f"@{element['range']}"
            case "emoji":
                return EMOJI.get(element["name"], f":{element['name']}:")
            case "date":
                return self.date(element["timestamp"], element["format"], element.get("fallback", ""))
            case "link":
                return str(element.get("text") or element["url"])
            case _:
                return str(element.get("text", element.get("value", "")))

    def date(self, timestamp: int, form: str, fallback: str = "") -> str:
        """A date token. Times are written with 24 hours."""
        try:
            moment = datetime.fromtimestamp(timestamp, UTC).astimezone(ZoneInfo(self.zone))
        except (ValueError, OverflowError, OSError):
            return fallback
        return TOKEN.sub(lambda match: self._token(moment, match[1], match[0]), form)

    def _token(self, moment: datetime, name: str, otherwise: str) -> str:
        if name.endswith("_pretty"):
            today = self.now.astimezone(ZoneInfo(self.zone)).date()
            near = {today - timedelta(1): "yesterday", today: "today", today + timedelta(1): "tomorrow"}
            return near.get(moment.date()) or self._token(moment, name.removesuffix("_pretty"), otherwise)
        ordinal = f"{moment.day}{ORDINALS.get(moment.day, 'th')}"
        forms = {
            "date_num": f"{moment:%Y-%m-%d}",
            "date_slash": f"{moment:%d/%m/%Y}",
            "date": f"{moment:%B} {ordinal}, {moment.year}",
            "date_short": f"{moment:%b} {moment.day}, {moment.year}",
            "date_long": f"{moment:%A}, {moment:%B} {ordinal}, {moment.year}",
            "time": f"{moment:%H:%M}",
            "time_secs": f"{moment:%H:%M:%S}",
            "ago": self._ago(moment),
        }
        return forms.get(name, otherwise)

    def _ago(self, moment: datetime) -> str:
        seconds = (self.now - moment).total_seconds()
        for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
            count = int(abs(seconds) // size)
            if count:
                words = f"{count} {unit}{'s' if count > 1 else ''}"
                return f"{words} ago" if seconds > 0 else f"in {words}"
        return "just now" if seconds >= 0 else "in a moment"
