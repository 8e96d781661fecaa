"""What is looked at beside something else is as new as it would be otherwise, or it is looked at again."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.approvals.people import NamedPeople
from bot.demo.planetscale.simulator import Received
from bot.operations.model import State
from bot.operations.ports import Known
from bot.operations.steps.assessment import Assessor
from bot.operations.steps.recounting import Recounter
from bot.operations.storage import repository
from tests.operations.conftest import ANA, BEN, Engine, StubPeople

REPLICAS = "switch-traffic shop 3 --replicas-only"


def names(requests: list[Received]) -> list[str]:
    """What was asked of PlanetScale: `get`, `backups`, …, with the branch where there is one."""
    return sorted(
        f"{one.operation} {one.path.split('/branches/')[1].split('/')[0]}"
        if "/branches/" in one.path
        else one.operation
        for one in requests
    )


async def test_a_workflow_that_is_on_another_branch(engine: Engine) -> None:
    """What the checks need is read where the card has seen the workflow; if it is elsewhere, there."""
    workflow = engine.simulator.add_workflow("shop", 3, "verified_data")
    await engine.press(await engine.ask(REPLICAS), ANA, "withdraw")
    home = engine.simulator.world.databases["shop"]
    asked = len(engine.simulator.requests)
    await engine.press(await engine.ask(REPLICAS), ANA, "withdraw")
    assert names(engine.simulator.requests[asked:]) == ["backups main", "get"]
    workflow.branch, backup = "other", engine.clock.now() - timedelta(hours=1)
    home.branches["other"] = replace(home.branches["main"], name="other", backups=[backup])
    asked = len(engine.simulator.requests)
    operation = await engine.get(await engine.ask(REPLICAS, BEN))
    assert names(engine.simulator.requests[asked:]) == ["backups main", "backups other", "get"]
    assert (operation.branch, operation.last_backup_at) == ("other", backup)


@pytest.mark.parametrize(("waited", "looks"), [(0.9, 1), (1.1, 2)])
async def test_a_look_that_has_waited(engine: Engine, waited: float, looks: int) -> None:
    """A look that was begun with the press is good for a second after it ended: then it is made anew."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.get(await engine.ask(REPLICAS))
    assessor = Assessor(engine.services)
    asked = len(engine.simulator.requests)
    assessor.begin(operation)
    await assessor._ahead[operation.id]
    engine.clock.advance(waited)
    assessment, _ = await assessor.assess(operation)
    assert assessment.operation.digest == operation.digest
    assert names(engine.simulator.requests[asked:]) == sorted(["get", "backups main"] * looks)


async def test_a_look_is_for_the_state_that_it_is_needed_in(engine: Engine) -> None:
    """Begun while it waits and needed once it is ready: of two that ask for the same, the first goes."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.get(await engine.ask(REPLICAS))
    later = replace(operation, id="later", asked_at=operation.asked_at + timedelta(seconds=1))
    await engine.services.database.write(repository.add, later, "later")
    assessor = Assessor(engine.services)
    assessor.begin(operation)
    assessment, _ = await assessor.assess(replace(operation, state=State.READY))
    assert not assessment.report.blocks


@dataclass
class CountedPeople(StubPeople):
    """How often somebody was asked about."""

    asked: int = 0

    async def who(self, user_id: str, *named: NamedPeople) -> Known:
        self.asked += 1
        return await super().who(user_id, *named)


@pytest.mark.parametrize(("waited", "asked"), [(0.9, 1), (1.1, 2)])
async def test_a_recount_that_has_waited(engine: Engine, waited: float, asked: int) -> None:
    """Who counts is asked beside the look at PlanetScale, and anew if that took longer than a second."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.get(await engine.ask(REPLICAS))
    people = CountedPeople()
    recounter = Recounter(replace(engine.services, people=people))
    begun = recounter.begin(operation)
    await begun.task
    engine.clock.advance(waited)
    assert (await recounter.recounted(operation, begun)).found.holds
    assert people.asked == asked


async def test_a_recount_of_what_has_changed_since(engine: Engine) -> None:
    """Who counts is asked anew where the request is not what it was."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.get(await engine.ask(REPLICAS))
    people = CountedPeople()
    recounter = Recounter(replace(engine.services, people=people))
    begun = recounter.begin(operation)
    await begun.task
    await recounter.recounted(replace(operation, fence=operation.fence + 1), begun)
    assert people.asked == 2
