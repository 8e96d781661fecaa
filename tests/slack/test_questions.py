"""How a question is answered when PlanetScale takes its time or contradicts itself."""

import asyncio
from datetime import UTC
from typing import Any

import pytest

from bot.commands.model import Format, ListWorkflows, ShowWorkflow
from bot.kinds.workflow.known import Known, known
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import DatabaseInfo, Keyspace, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import Message
from bot.slack.directory import Member, MemberStanding
from bot.slack.handlers.questions import Questions
from bot.slack.replies.private_replies import File
from tests.builders import TABLES, a_workflow
from tests.slack.services import NoRows, some_services

SHOW = ShowWorkflow(database="shop", number=3)


class Slow:
    """A PlanetScale that answers when a test lets it."""

    def __init__(self, *workflows: Workflow, imported: bool | None = False) -> None:
        self.known = {workflow.number: workflow for workflow in workflows}
        self.lost: set[int] = set()
        self.imported = imported
        self.waiting = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def workflow(self, ref: WorkflowRef) -> Workflow:
        await self.answers.wait()
        if ref.database != "shop" or ref.number in self.lost or ref.number not in self.known:
            raise PlanetScaleError(FailureKind.NOT_FOUND, read=True)
        return self.known[ref.number]

    async def workflows(self, _organization: str, database: str) -> tuple[Workflow, ...]:
        if database != "shop":
            raise PlanetScaleError(FailureKind.NOT_FOUND, read=True)
        listed = {"streams": None, "tables": None, "vdiff": None}
        return tuple(one.model_copy(update=listed) for one in self.known.values())

    async def databases(self, _organization: str) -> tuple[DatabaseInfo, ...]:
        return (DatabaseInfo(name="shop"),)

    async def keyspaces(self, *_names: str) -> tuple[Keyspace, ...]:
        if self.imported is None:
            raise PlanetScaleError(FailureKind.FORBIDDEN, read=True)
        return (Keyspace(name="customer"), Keyspace(name="commerce", imported=self.imported))


class Asker:
    """A full member, and what they are told."""

    def __init__(self, planetscale: Any) -> None:
        self.told: list[str] = []
        self.news = asyncio.Event()
        self.files: list[File] = []
        self.pauses: list[float] = []
        self.waits = asyncio.Event()
        self.patience = asyncio.Event()
        slack: Any = self
        services = some_services(
            planetscale=Organizations({"acme": planetscale}, "acme"),
            readership=slack,
            replies=slack,
            database=NoRows({known: Known()}),
        )
        self._questions = Questions(services, self._on_read, self._pause)

    async def _on_read(self, *_read: Any) -> None:
        """Nobody else shows what was read."""

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.waits.set()
        await self.patience.wait()

    def was_admitted(self, *_who: str | None) -> bool:
        return False

    async def admit(self, user_id: str, *_place: str | None) -> Member:
        return Member(user_id, MemberStanding.MEMBER, UTC, "Ana")

    async def send(self, _response_url: str, message: Message, *, instead: bool = False) -> bool:
        assert not instead
        self.told.append(message.plain)
        self.news.set()
        return True

    async def send_file(self, _user_id: str, file: File) -> bool:
        self.files.append(file)
        return True

    async def ask(self, question: ListWorkflows | ShowWorkflow) -> str:
        await self._questions.answer("U0ANA", "https://slack.invalid/response", question)
        return self.told[-1]


async def test_who_waits_is_told_once() -> None:
    """After three seconds the person reads that it is still asked for, and then the answer."""
    planetscale = Slow(a_workflow())
    planetscale.answers.clear()
    ana = Asker(planetscale)
    asking = asyncio.create_task(ana.ask(SHOW))
    await ana.waits.wait()
    assert ana.told == []
    ana.patience.set()
    await ana.news.wait()
    assert ana.told == ["Still asking PlanetScale …"]
    assert ana.pauses == [3.0]
    planetscale.answers.set()
    assert "orders-to-customer" in await asking
    assert len(ana.told) == 2


async def test_a_turn_that_is_waited_for() -> None:
    """Where the bot's own limit holds it back, whoever waits reads that, and how many requests wait."""
    planetscale = Slow(a_workflow())
    planetscale.answers.clear()
    planetscale.waiting = 17
    ana = Asker(planetscale)
    asking = asyncio.create_task(ana.ask(SHOW))
    await ana.waits.wait()
    ana.patience.set()
    await ana.news.wait()
    assert ana.told == ["Waiting for its turn: 17 requests wait for PlanetScale's limit just now …"]
    planetscale.answers.set()
    assert "orders-to-customer" in await asking


async def test_a_quick_answer_comes_alone() -> None:
    """Where PlanetScale answers in time, nothing is said but the answer, and nothing goes on waiting."""
    ana = Asker(Slow(a_workflow()))
    await ana.ask(SHOW)
    assert len(ana.told) == 1
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


SWITCHED = a_workflow(state="switched_primaries", replicas_switched=True, primaries_switched=True)


@pytest.mark.parametrize(
    ("imported", "offered", "withheld"),
    [
        (True, "/workflow complete shop 3", "/workflow cutover"),
        (False, "/workflow cutover shop 3", "/workflow complete"),
        (None, "Is it a move?", "/workflow cutover"),
    ],
)
async def test_an_import_is_known_by_its_source(imported: bool | None, offered: str, withheld: str) -> None:
    """`show` looks at the source keyspace; if that cannot be read, no end is offered as if it were known."""
    answer = await Asker(Slow(SWITCHED, imported=imported)).ask(SHOW)
    assert offered in answer
    assert withheld not in answer


async def test_what_is_listed_and_not_given_exists() -> None:
    """A workflow that PlanetScale lists is not said to be missing because it could not be read."""
    planetscale = Slow(a_workflow(), a_workflow(number=7, state="copying"))
    planetscale.lost.add(7)
    answer = await Asker(planetscale).ask(ShowWorkflow(database="shop", number=7))
    assert answer == "PlanetScale lists #7 but did not give it. Try again:\n/workflow show shop 7"


async def test_a_list_says_less_of_what_it_could_not_read() -> None:
    """Where a workflow could not be read in full, the list points to `show` instead of judging it."""
    planetscale = Slow(a_workflow())
    ana = Asker(planetscale)
    assert "Running · verified clean" in await ana.ask(ListWorkflows(database="shop"))
    planetscale.lost.add(3)
    assert "Copied · verification: see show" in await ana.ask(ListWorkflows(database="shop"))


async def test_a_misspelt_database_keeps_the_question() -> None:
    """The line that is offered asks the same of the database that was probably meant."""
    ana = Asker(Slow(a_workflow()))
    assert "/workflow show shop 3" in await ana.ask(ShowWorkflow(database="shp", number=3))
    as_json = ListWorkflows(database="shp", format=Format.JSON)
    assert "/workflow list shop --format=json" in await ana.ask(as_json)


async def test_an_ignored_flag_is_named_beside_a_file() -> None:
    """A note about a flag is not lost when the answer travels as a file."""
    tables = [TABLES[0] | {"name": f"table_{number}"} for number in range(100)]
    ana = Asker(Slow(a_workflow(tables=tables)))
    answer = await ana.ask(ShowWorkflow(database="shop", number=3, format=Format.JSON, notes=("A note.",)))
    assert [file.name for file in ana.files] == ["shop-3.json"]
    assert answer.splitlines()[-1] == "A note."


async def test_two_tables_as_json_are_a_message() -> None:
    """An everyday workflow as JSON can be copied from the chat."""
    ana = Asker(Slow(a_workflow()))
    assert '"orders-to-customer"' in await ana.ask(
        ShowWorkflow(database="shop", number=3, format=Format.JSON)
    )
    assert ana.files == []
