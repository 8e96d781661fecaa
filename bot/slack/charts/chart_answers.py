"""`show --chart`: the picture of a copy from the samples that the watch keeps, and its words.

Slack's own chart first; where Slack refuses that, a file; where there can be none, the words alone."""

import asyncio
from functools import partial

from bot.commands.model import Format, ShowWorkflow
from bot.kinds.workflow.table_sample_rows import table_samples
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.workflow.charted import (
    alt_text,
    charted_card,
    native_card,
    no_extra_card,
    no_samples_card,
    not_taken_card,
)
from bot.slack.charts.chart import ChartMissingError, draw
from bot.slack.replies.private_replies import Attached, File, Native
from bot.store.engine.database import Database
from bot.workflows.observing.picture import Picture, picture

_NO_FORMAT = "--format means nothing with --chart and was ignored."


class ChartAnswers:
    """Draws one picture at a time: it takes a processor for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pen = asyncio.Lock()

    async def answer(self, ref: WorkflowRef, workflow: Workflow, question: ShowWorkflow) -> Message | Native:
        """Slack's own chart, or why there is nothing to draw."""
        notes = question.remarks + (() if question.format is Format.HUMAN else (_NO_FORMAT,))
        found = await self._database.read(table_samples, ref)
        shown = picture(f"{ref} {workflow.name}", found.samples, workflow)
        if shown is None:
            return no_samples_card(ref, workflow, found.watched_since)
        otherwise = partial(self._drawn, ref, shown, notes)
        return Native(native_card(shown, notes), otherwise)

    async def _drawn(self, ref: WorkflowRef, shown: Picture, notes: tuple[str, ...]) -> Message | Attached:
        """The picture as a file, or the words alone where there can be none."""
        try:
            async with self._pen:
                content = await asyncio.to_thread(draw, shown)
        except ChartMissingError:
            return no_extra_card(shown, notes)
        file = File(f"{ref.database}-{ref.number}.png", content, alt_text(shown))
        return Attached(file, charted_card(shown, file.name, notes), not_taken_card(shown, notes))
