"""Exports a row for each request, with the address of its card at Slack."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, select

from bot.operations.model import Story
from bot.operations.request_record import COLUMNS, record
from bot.operations.storage import history_pages, stories
from bot.slack.delivery.keys import card_key
from bot.slack.delivery.links import Links, place_of
from bot.store.audit import Form, written
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import operations


def export_requests(
    connection: Connection,
    since: datetime | None,
    form: Form,
    workspace: str | None,
    complain: Callable[[str], None],
) -> Iterator[str]:
    """The requests asked for from `since` on, the oldest first, each as one row.

    `workspace`: its address at Slack, for links to cards; without it they lead there by Slack's redirect.
    What this version cannot read is left out, and that is said.
    """
    return written(_records(connection, since, workspace, complain), COLUMNS, form)


def _records(
    connection: Connection, since: datetime | None, workspace: str | None, complain: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    query = select(operations.c.id).order_by(operations.c.asked_at, operations.c.id)
    if since is not None:
        query = query.where(operations.c.asked_at >= since)
    for operation_id in list(connection.scalars(query)):
        try:
            story = stories.story(connection, operation_id)
        except RowNotUnderstoodError as error:
            complain(f"Left out: {error}")
            continue
        if story is not None:
            ignored = history_pages.ignored(connection, [operation_id]).get(operation_id, 0)
            yield record(story, ignored, _card(connection, story, workspace))


def _card(connection: Connection, story: Story, workspace: str | None) -> str | None:
    key = card_key(story.operation.id)
    if workspace:
        return Links(workspace).to(connection, key)
    place = place_of(connection, key)
    if place is None:
        return None
    where = {"team": story.operation.team_id, "channel": place[0], "message_ts": place[1]}
    return f"https://slack.com/app_redirect?{urlencode(where)}"
