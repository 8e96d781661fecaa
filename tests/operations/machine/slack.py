"""Slack as the bot's edge calls it, without sockets: it keeps what people have before them."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.people import Standing
from tests.operations.machine.people import Directory

TEAM, BOT = "T0ACME", "U0BOTITSELF"
Json = dict[str, Any]

_SAID_OF: dict[Standing, Json] = {
    Standing.MEMBER: {"is_restricted": False, "is_ultra_restricted": False},
    Standing.GUEST: {"is_restricted": True},
    Standing.BOT: {"is_bot": True},
    Standing.DEACTIVATED: {"deleted": True},
    Standing.FOREIGN: {"is_stranger": True},
}


@dataclass
class View:
    """A window that was opened once. Slack closes windows; a hostile client may keep sending from them."""

    id: str
    body: Json
    version: int = 0

    def json(self) -> Json:
        """As payloads carry it."""
        return self.body | {"id": self.id, "hash": f"{self.id}.{self.version}"}


@dataclass
class Seen:
    """What was shown, by every life of the bot."""

    views: dict[str, View] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """Triggers that opened a window."""


class Slack(AsyncWebClient):
    """The bot's client, which asks `directory` instead of the network."""

    def __init__(self, directory: Directory, seen: Seen) -> None:
        super().__init__(token="xoxb-machine")
        self._directory, self._seen = directory, seen

    async def api_call(self, api_method: str, **how: Any) -> Any:
        """Answer one call, or raise what the real client raises."""
        given: Json = (how.get("params") or {}) | (how.get("json") or {})
        match api_method:
            case "users.info":
                return {"ok": True, "user": self._user(given["user"])}
            case "usergroups.users.list":
                self._listen()
                return {"ok": True, "users": sorted(self._directory.now.groups[given["usergroup"]])}
            case "views.open":
                return {"ok": True, "view": self._open(given).json()}
            case "views.update":
                return {"ok": True, "view": self._update(given).json()}
            case "views.publish":
                self._seen.homes[given["user_id"]] = given["view"]
                return {"ok": True}
            case "conversations.info":
                return {"ok": True, "channel": {}}
            case "chat.postMessage":
                return {"ok": True, "ts": "9.9"}
        raise _refusal("unknown_method")

    def _listen(self) -> None:
        if not self._directory.answers():
            raise _refusal("fatal_error")

    def _user(self, user: str) -> Json:
        self._listen()
        standing = self._directory.now.standings.get(user)
        if standing not in _SAID_OF:
            raise _refusal("user_not_found")
        return {"id": user, "name": user, "team_id": TEAM} | _SAID_OF[standing]

    def _open(self, given: Json) -> View:
        if given["trigger_id"] in self._seen.used:
            raise _refusal("exchanged_trigger_id")
        self._seen.used.add(given["trigger_id"])
        view = View(f"V{len(self._seen.views)}", given["view"])
        self._seen.views[view.id] = view
        return view

    def _update(self, given: Json) -> View:
        view = self._seen.views.get(given["view_id"])
        if view is None:
            raise _refusal("not_found")
        if given.get("hash", view.json()["hash"]) != view.json()["hash"]:
            raise _refusal("hash_conflict")
        view.body, view.version = given["view"], view.version + 1
        return view


def replies() -> httpx.AsyncClient:
    """Where private answers go: Slack takes them all."""
    return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))


def _refusal(error: str) -> SlackApiError:
    return SlackApiError(error, {"ok": False, "error": error})
