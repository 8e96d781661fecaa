"""Brings together what the bot's rows tell of one move: its requests, its watch and what was told of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, select

from bot.operations.model import Story
from bot.operations.storage import stories
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.move.move_story import MoveStory
from bot.slack.cards.move.record import news_of
from bot.slack.delivery.subject_cards import LinkOf
from bot.slack.delivery.watch_board import NEWS, news_from
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import messages
from bot.watch.model import Watch
from bot.watch.ports import News
from bot.watch.storage import watch_repository
from bot.workflows.own import observed_of, workflow_of

log = structlog.stdlib.get_logger(__name__)

MOST: Final = 100
"""So many of the latest requests on a workflow are told."""


def move_story(connection: Connection, ref: WorkflowRef, now: datetime, link_of: LinkOf) -> MoveStory:
    """The story as far as the bot knows it. What a newer version wrote is left out."""
    found = stories.history(connection, ref.organization, ref.database, ref, MOST + 1)
    requests = tuple(reversed(found[:MOST]))
    watch = _watch(connection, ref)
    workflow, read_at = _last_read(requests, watch)
    links = {one.operation.id: link_of(one.operation.id) for one in requests}
    names = {user: name for one in requests for user, name in one.operation.names.items()}
    return MoveStory(
        ref=ref,
        now=now,
        workflow=workflow,
        read_at=read_at,
        requests=requests,
        are_all=len(found) <= MOST,
        news=news_of(_told(connection, watch)) if watch else (),
        watch=watch,
        links={key: link for key, link in links.items() if link},
        names={**names, **(watch.names if watch else {})},
    )


def _watch(connection: Connection, ref: WorkflowRef) -> Watch | None:
    try:
        return watch_repository.find(connection, ref)
    except RowNotUnderstoodError as error:
        log.error("left_out", reason=str(error))
        return None


def _last_read(requests: tuple[Story, ...], watch: Watch | None) -> tuple[Workflow | None, datetime | None]:
    """The latest of what the watch and the requests read."""
    reads = list(_reads(requests))
    observed = observed_of(watch.observed) if watch else None
    if observed:
        reads.append((observed.read_at, observed.workflow))
    latest = max(reads, key=lambda one: one[0], default=None)
    return (latest[1], latest[0]) if latest else (None, None)


def _reads(requests: tuple[Story, ...]) -> Iterator[tuple[datetime, Workflow]]:
    for story in requests:
        operation = story.operation
        seen, latest = workflow_of(operation.seen), workflow_of(operation.outcome.latest)
        if seen and operation.checked_at:
            yield operation.checked_at, seen
        if latest and operation.outcome.read_at:
            yield operation.outcome.read_at, latest


def _told(connection: Connection, watch: Watch) -> Mapping[str, News]:
    here = (messages.c.subject_kind == NEWS) & (messages.c.subject_id == watch.id)
    rows = connection.execute(select(messages.c.key, messages.c.subject).where(here).order_by(messages.c.id))
    return {key: news_from(connection, watch, subject) for key, subject in rows}
