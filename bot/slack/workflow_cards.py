"""How a numbered workflow reads in Slack: `bot.slack.delivery.subject_cards.SubjectCards`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.approvals.policy import Policy
from bot.kinds.workflow import history
from bot.kinds.workflow.possible_causes import leading_to
from bot.kinds.workflow.table_sample_rows import table_samples
from bot.operations.events import Event
from bot.operations.model import Story
from bot.operations.storage import repository, stories
from bot.slack.cards.answers.watch_answers import shown_nowhere
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.operation.lists import tables_parts
from bot.slack.cards.operation.threads import event_message
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.live_view import LiveView, WaitingRequest
from bot.slack.cards.watch.news import news_message
from bot.slack.cards.workflow.native_chart import with_chart
from bot.slack.delivery.keys import card_key, event_key
from bot.slack.delivery.subject_cards import LinkOf, Moved, Told
from bot.slack.move_stories import move_story
from bot.subjects.model import Observed
from bot.watch.model import Watch
from bot.watch.notifications.attribution import story_of
from bot.watch.ports import News
from bot.workflows.facts.states import is_active
from bot.workflows.facts.traffic import is_as_then
from bot.workflows.observing.closing import closing_of, verification_over
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.picture import Picture, picture
from bot.workflows.own import happened_of, observed_of, ref_of


def _picture(connection: Connection, watch: Watch, until: datetime) -> Picture | None:
    """How the copy went until then, if enough of it was seen."""
    observed, ref = observed_of(watch.observed), ref_of(watch.ref)
    if observed is None:
        return None
    kept = table_samples(connection, ref).samples
    before = (sample for sample in kept if sample.at <= until)
    return picture(f"{ref} {observed.workflow.name}", before, observed.workflow)


class WorkflowCards:
    """The messages about numbered workflows."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def card(self, story: Story, now: datetime) -> Message:
        return operation_card(story, now)

    def event(self, subject: Mapping[str, Any], story: Story, now: datetime) -> Message:
        return event_message(subject, story, now)

    def parts(self, story: Story) -> int:
        return tables_parts(story)

    def live(
        self, connection: Connection, watch: Watch, now: datetime, moved: Moved, link_of: LinkOf
    ) -> Message:
        view, ref = self._view(connection, watch, now), ref_of(watch.ref)
        ended = watch.observed is not None and not is_active(watch.observed.snapshot.state)
        waiting = stories.waiting_on(connection, ref)
        view = replace(
            view,
            moved_to=moved.to,
            moved_from=moved.since,
            waiting=tuple(WaitingRequest(one, link_of(one.operation.id)) for one in waiting),
            move=move_story(connection, ref, now, link_of) if ended else None,
        )
        return live_card(view)

    def news(self, connection: Connection, watch: Watch, told: Told, now: datetime) -> Message:
        message = news_message(
            told.news,
            self._view(connection, watch, now),
            card_link=told.card_link,
            called_later=told.called_later,
            told_at=told.at,
        )
        if happened_of(told.news.happened).what is not Happening.COPIED:
            return message
        drawn = _picture(connection, watch, told.at or now)
        return with_chart(message, drawn) if drawn else message

    def nowhere(self, watch: Watch) -> Message:
        return shown_nowhere(watch)

    def changed(
        self, connection: Connection, watch: Watch, before: Observed, told: Mapping[str, News]
    ) -> Iterator[str]:
        after, earlier = observed_of(watch.observed), observed_of(before)
        if after is None:
            return
        for key, news in told.items():
            happened = happened_of(news.happened)
            if news.caused_by is None and closing_of(happened, after) != closing_of(happened, earlier):
                yield key
        for operation_id, sent_at in history.verifications(connection, watch.ref):
            if verification_over(sent_at, after) != verification_over(sent_at, earlier):
                yield card_key(operation_id)
        if not is_as_then(earlier.workflow, after.workflow):
            for operation_id in stories.shown_on(connection, watch.ref):
                yield from (card_key(operation_id), event_key(operation_id, Event.SUCCEEDED))

    def _view(self, connection: Connection, watch: Watch, now: datetime) -> LiveView:
        return LiveView(
            watch=watch,
            now=now,
            story=story_of(connection, leading_to, watch),
            outcome_open=repository.is_outcome_open(connection, watch.ref),
            names=_names(connection, watch),
            switch_tried_at=history.switch_tried_at(connection, watch.ref),
            hide_errors=self._policy.terms_for(watch.ref.organization, watch.ref.database).hide_errors,
        )


def _names(connection: Connection, watch: Watch) -> Mapping[str, str]:
    """What the people of this workflow are called, as far as they were looked up."""
    ref = watch.ref
    found = stories.history(connection, ref.organization, ref.database, ref, 20)
    names: dict[str, str] = {}
    for story in reversed(found):
        names |= story.operation.names
    return {**names, **watch.names}
