"""Slack and PlanetScale are far away: nothing waits for an answer that it does not need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import Stage, open_stage
from tests.scenarios.round_trips import RoundTrips

REPLICAS = "switch-traffic shop 3 --replicas-only"
SHOWN = ("chat.postMessage", "chat.update")
"""What the courier does, which no step waits for."""
WHO_ASKS = ["users.info"]
LOOK = ["workflow", "backups"]


@asynccontextmanager
async def far_away() -> AsyncIterator[tuple[Stage, RoundTrips]]:
    """A verified copy, for which Ana has asked before, and a bot that has lately seen her and Ben."""
    trips = RoundTrips()
    async with open_stage(far=trips.over) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("show shop 3", BEN)
        await stage.type(REPLICAS)
        await stage.press(ANA, "op_withdraw")
        yield stage, trips


async def test_show() -> None:
    """Who asks, the workflow and the kind of its source are asked for together: then the answer is given."""
    async with far_away() as (stage, trips):
        trips.expect([*WHO_ASKS, "workflow", "keyspaces"], ["response_url"])
        told = await trips.during(stage.type("show shop 3", BEN))
        assert "verified clean" in told


async def test_list() -> None:
    """Who asks and the list are asked for together, then what only a read in full tells."""
    async with far_away() as (stage, trips):
        trips.expect([*WHO_ASKS, "workflows"], ["workflow"], ["response_url"])
        told = await trips.during(stage.type("list shop"))
        assert "#3" in told


async def test_a_reader_of_the_policy_costs_a_read_and_nobody_else() -> None:
    """Where the policy names readers, what they ask for is read beside the look-up; a full member who is
    none of them costs no read, however often they ask."""
    trips, policy = RoundTrips(), f'[[database]]\nmatch = "shop"\nrequesters = ["{ANA}"]\n'
    async with open_stage(far=trips.over, policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "copying")
        await stage.type("show shop 3")
        trips.expect([*WHO_ASKS, "workflow"], ["response_url"])
        told = await trips.during(stage.type("show shop 3"))
        assert "copying" in told.lower()
        asked = len(stage.asked)
        for _ in range(2):
            assert "policy" in await stage.type("show shop 3", BEN)
        assert stage.asked[asked:] == []


async def test_a_deactivated_reader_is_told_nothing() -> None:
    """What was begun for somebody who has left meanwhile is dropped; the next time nothing is read."""
    async with far_away() as (stage, trips):
        stage.slack.people[BEN] = replace(stage.slack.people[BEN], deleted=True)
        assert "full members" in await stage.type("show shop 3", BEN)
        trips.expect(WHO_ASKS, ["response_url"])
        told = await trips.during(stage.type("show shop 3", BEN))
        assert "full members" in told


async def test_from_the_command_to_its_card() -> None:
    """Who asks, the workflow and what the checks need of its branch are asked for together: then the card
    is posted."""
    async with far_away() as (stage, trips):
        trips.expect([*WHO_ASKS, *LOOK], ["chat.postMessage"], beside=["chat.update"])
        await trips.during(stage.type(REPLICAS))
        assert "Switch replica reads" in stage.read(stage.card())


async def test_from_the_last_approval_to_the_request() -> None:
    """The look at PlanetScale begins with the press, beside who pressed and who counts; when it is approved,
    all who count are asked for once more, and the request leaves."""
    async with far_away() as (stage, trips):
        await stage.type(REPLICAS)
        trips.expect(
            ["users.info", "users.info", *LOOK],
            ["users.info", "users.info"],
            ["PATCH switch-replicas"],
            beside=SHOWN,
        )
        await trips.during(stage.press(BEN, "op_approve"))
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_from_the_confirmation_to_the_request() -> None:
    """The same where the requester's own word is enough; nobody else is asked about on the way back."""
    async with far_away() as (stage, trips):
        stage.planetscale.add_workflow("shop", 3, "switched_replicas")
        await stage.type("reverse-traffic shop 3")
        trips.expect([*WHO_ASKS, "workflow"], ["PATCH reverse-traffic"], beside=[*SHOWN, "response_url"])
        await trips.during(stage.press(ANA, "op_confirm", stage.private()))
        assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_whom_the_bot_does_not_know_costs_no_read() -> None:
    """Nothing is read at PlanetScale for somebody in whom the bot has not seen a full member: Slack says
    first who they are."""
    trips = RoundTrips()
    async with open_stage(far=trips.over) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        trips.expect(WHO_ASKS, ["workflow"], beside=["conversations.info", "response_url"])
        await trips.during(stage.type(REPLICAS))


async def test_whoever_was_deactivated_gets_nothing_by_it() -> None:
    """Somebody who was a member a moment ago: what was begun for them is dropped, nothing counts, and the
    next time nothing is begun."""
    async with far_away() as (stage, trips):
        await stage.type(REPLICAS)
        stage.slack.people[BEN] = replace(stage.slack.people[BEN], deleted=True)
        told = await stage.press(BEN, "op_approve")
        assert "full members" in told
        trips.expect(WHO_ASKS, beside=["response_url"])
        assert "full members" in await stage.press(BEN, "op_approve")
        assert (trips.astray, stage.changes) == ([], [])
        assert "[Approve]" in stage.read(stage.card())
