"""The parts of Slack's payloads that forms look at. Missing or strange ones are empty; nothing is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.handlers.forms.catalogue import Catalogues
from bot.slack.payload import enterprise_of, part, text


@dataclass(frozen=True, slots=True)
class FormSender:
    """Who sent a payload, and from which workspace."""

    user_id: str
    team_id: str
    enterprise_id: str | None


def sender_of(body: Mapping[str, Any]) -> FormSender:
    """Whom a payload names."""
    user, team = part(body, "user"), part(body, "team")
    return FormSender(
        user_id=text(user, "id"),
        team_id=text(team, "id") or text(user, "team_id"),
        enterprise_id=enterprise_of(body),
    )


def action_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was pressed or chosen."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    return first if isinstance(first, Mapping) else {}


def origin_in(view: Mapping[str, Any], catalogues: Catalogues) -> FormOrigin | None:
    """Where a view was asked for; `None` for what this bot did not write, or about what it does not know."""
    origin = FormOrigin.read(view.get("private_metadata"))
    return origin if origin and catalogues.knows(origin.organization) else None
