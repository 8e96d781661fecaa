"""`show --chart`: the picture for the person who asked, or the words alone."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

import pytest

from bot.commands.model import Format, ShowWorkflow
from bot.kinds.workflow.table_sample_rows import TableSamples, table_samples
from bot.planetscale.models import Keyspace, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.workflow.charted import words
from bot.slack.charts import chart_answers
from bot.slack.charts.chart import ChartMissingError
from bot.slack.directory import Member, MemberStanding
from bot.slack.handlers.questions import Questions
from bot.slack.replies.private_replies import File
from bot.workflows.observing.picture import Picture, TableSample, picture
from tests.builders import NOW, REF, a_workflow, copying
from tests.slack.services import some_services

CHART = ShowWorkflow(database="shop", number=3, chart=True)
SAMPLES = tuple(
    TableSample(NOW + timedelta(minutes=minute), {"orders": 600_000 * minute, "line_items": 6_000 * minute})
    for minute in range(60)
)


class Asker:
    """Ana, who asks; what she is told; and a Slack that takes its own charts, and files, or not."""

    def __init__(
        self,
        samples: Sequence[TableSample] = SAMPLES,
        *,
        takes_files: bool = True,
        takes_charts: bool = False,
    ) -> None:
        self.kept = TableSamples(NOW, tuple(samples))
        self.asked: list[WorkflowRef] = []
        self.files: list[File] = []
        self.told: list[str] = []
        self.takes_files, self.takes_charts = takes_files, takes_charts
        self.native: list[Message] = []
        self.reads = a_workflow()
        all_of_it: Any = self
        services = some_services(
            planetscale=Organizations({"acme": all_of_it}, "acme"),
            readership=all_of_it,
            replies=all_of_it,
            database=all_of_it,
        )
        self._questions = Questions(services, self._on_read, self._pause)

    async def read(self, query: Any, ref: WorkflowRef) -> TableSamples | None:
        """What the database says: of all else, nothing."""
        if query is not table_samples:
            return None
        self.asked.append(ref)
        return self.kept

    async def _on_read(self, *_read: Any) -> None:
        """Nobody else shows what was read."""

    async def _pause(self, _seconds: float) -> None:
        await asyncio.Event().wait()

    async def workflow(self, _ref: WorkflowRef) -> Workflow:
        return self.reads

    async def keyspaces(self, *_names: str) -> tuple[Keyspace, ...]:
        return ()

    def was_admitted(self, *_who: str | None) -> bool:
        return False

    async def admit(self, user_id: str, *_place: str | None) -> Member:
        return Member(user_id, MemberStanding.MEMBER, UTC, "Ana")

    async def send(self, _response_url: str, message: Message, *, instead: bool = False) -> bool:
        assert not instead
        self.told.append(message.plain)
        return True

    async def send_native(self, _response_url: str, message: Message) -> bool:
        self.native.append(message)
        if self.takes_charts:
            self.told.append(message.plain)
        return self.takes_charts

    async def send_file(self, _user_id: str, file: File) -> bool:
        self.files.append(file)
        return self.takes_files

    async def ask(self, question: ShowWorkflow = CHART) -> list[str]:
        await self._questions.answer("U0ANA", "https://slack.invalid/response", question)
        (told,) = self.told
        return told.splitlines()


def said() -> list[str]:
    """What the picture of these samples shows, in words."""
    shown = picture("shop #3 orders-to-customer", SAMPLES, a_workflow())
    assert shown is not None
    return list(words(shown))


async def test_slacks_own_chart_needs_no_file_and_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Slack has charts the words come with one of them; nothing is drawn or sent as a file."""

    def missing(_picture: Picture) -> bytes:
        raise ChartMissingError

    monkeypatch.setattr(chart_answers, "draw", missing)
    ana = Asker(takes_charts=True)
    told = await ana.ask(ShowWorkflow(database="shop", number=3, chart=True, format=Format.JSON))
    assert told == [*said(), "--format means nothing with --chart and was ignored."]
    assert ana.native[0].blocks[0]["type"] == "data_visualization"
    assert ana.files == []


async def test_the_picture_comes_as_a_file_and_in_words() -> None:
    """Where Slack has no charts the picture is sent to the asker alone, with a text that says the same."""
    ana = Asker()
    told = await ana.ask()
    (file,) = ana.files
    assert file.name == "shop-3.png"
    assert isinstance(file.content, bytes)
    assert file.content.startswith(b"\x89PNG")
    assert file.alt == "\n".join(said())
    assert told == ["The picture is in our direct message as the file shop-3.png.", *said()]
    assert ana.asked == [REF]


async def test_a_format_means_nothing_beside_a_picture() -> None:
    """`--format` beside `--chart` is ignored, and the answer says so."""
    ana = Asker()
    told = await ana.ask(ShowWorkflow(database="shop", number=3, chart=True, format=Format.JSON))
    assert told[-1] == "--format means nothing with --chart and was ignored."
    assert [file.name for file in ana.files] == ["shop-3.png"]


async def test_a_picture_that_slack_refuses_is_told_in_words() -> None:
    """Where Slack does not take the file, the words come alone, with what the bot would need."""
    told = await Asker(takes_files=False).ask()
    assert told == [
        "Slack did not take the picture: the bot needs the scopes files:write and im:write.",
        *said(),
    ]


async def test_without_the_extra_the_words_come_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Slack has no charts and the server cannot draw, the words come alone and name the extra."""

    def missing(_picture: Picture) -> bytes:
        raise ChartMissingError

    monkeypatch.setattr(chart_answers, "draw", missing)
    ana = Asker()
    assert await ana.ask() == [
        "Slack does not take charts here; a picture needs the extra chart on the server.",
        *said(),
    ]
    assert ana.files == []


COPYING = copying({"name": "orders", "rows_copied": 1, "rows_total": 9})


async def test_before_the_first_samples_it_is_said_since_when_it_is_watched() -> None:
    """A workflow that has just begun to be watched has no picture yet."""
    ana = Asker(SAMPLES[:1])
    ana.reads = COPYING
    assert await ana.ask() == [
        "No samples of shop #3 yet: it has been watched since 23 Nov 02:14 UTC.",
        "They are taken while it copies, about every half minute.",
    ]


async def test_what_is_not_watched_has_no_picture() -> None:
    """For a copy that is not watched, the answer is the command that watches it."""
    ana = Asker()
    ana.kept, ana.reads = TableSamples(), COPYING
    assert (await ana.ask())[0] == "No samples of shop #3: it is not watched. /workflow watch shop 3"
    assert ana.files == []


@pytest.mark.parametrize("kept", [TableSamples(), TableSamples(NOW)])
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("verified_data", "Nothing to draw: shop #3 was not watched while it copied."),
        (
            "completed",
            "Nothing to draw: shop #3 was not watched while it copied, or it ended more than a week ago.",
        ),
    ],
)
async def test_what_will_not_copy_again_has_no_picture(kept: TableSamples, state: str, said: str) -> None:
    """For a copy that is over nothing is advised: whether it is watched now makes no difference."""
    ana = Asker()
    ana.kept, ana.reads = kept, a_workflow(state=state)
    assert await ana.ask() == [said]


async def test_show_without_chart_draws_nothing() -> None:
    """Without `--chart` no samples are read, and nothing is drawn."""
    ana = Asker()
    told = await ana.ask(ShowWorkflow(database="shop", number=3))
    assert "shop #3 orders-to-customer" in told[0]
    assert (ana.asked, ana.files) == ([], [])
