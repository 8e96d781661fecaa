"""Who pressed is asked of everybody at once, so that nobody waits behind those whom Slack is slow about."""

import asyncio
from dataclasses import replace

from bot.approvals.people import NamedPeople
from bot.operations.ports import Directory, Known
from bot.operations.storage import stories
from bot.operations.worker import Worker
from tests.operations.conftest import ANA, BEN, CHIOMA, GIL, Engine


class _Together:
    """A Slack that answers nobody's look-up before so many people were asked about."""

    def __init__(self, people: Directory, number: int) -> None:
        self._people = people
        self._number = number
        self._asked: set[str] = set()
        self._all = asyncio.Event()

    async def who(self, user_id: str, *named: NamedPeople) -> Known:
        self._asked.add(user_id)
        if len(self._asked) == self._number:
            self._all.set()
        await self._all.wait()
        return await self._people.who(user_id, *named)

    def was_member(self, user_id: str) -> bool:
        return self._people.was_member(user_id)

    async def members(self, group: str) -> frozenset[str] | None:
        return await self._people.members(group)

    async def shared(self, channel: str) -> bool | None:
        return await self._people.shared(channel)

    async def may_not_post(self, channel: str) -> bool:
        return await self._people.may_not_post(channel)


async def test_people_are_looked_up_side_by_side(engine: Engine) -> None:
    """The first press that counts does so, however many came before it: Slack is asked of all together."""
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    for user in (ANA, GIL, CHIOMA, BEN):
        await engine.put_press(operation_id, user, "approve")
    engine.services = replace(engine.services, people=_Together(engine.services.people, 4))
    engine.worker = Worker(engine.services, alone=True)
    await engine.worker.settle()
    story = await engine.services.database.read(stories.story, operation_id)
    assert story is not None
    assert [one.user for one in story.approved_by] == [CHIOMA]
    assert engine.mutations() == ["cancel"]
