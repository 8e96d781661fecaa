"""What people do, and how it ends whatever happens to the bot."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.demo.planetscale.troubles import MUTATION
from bot.demo.slack.people import ANA, BEN, CHIOMA
from bot.operations.events import Event
from bot.operations.model import State
from tests.crash.proof import End
from tests.crash.stage import Stage

DATABASE, NUMBER = "shop", 3
Play = Callable[[Stage], Awaitable[None]]


async def switch(stage: Stage) -> None:
    """Ana asks for a switch of replica reads, Ben approves."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "verified_data")
    await stage.ask("switch-traffic shop 3 --replicas-only")
    await stage.press(BEN, "op_approve")


async def switch_on_a_copy(stage: Stage) -> None:
    """The bot may not look for its card and posts another: Ben approves on the first one."""
    stage.slack.fail("conversations.history", error="missing_scope", times=None)
    stage.planetscale.add_workflow(DATABASE, NUMBER, "verified_data")
    await stage.ask("switch-traffic shop 3 --replicas-only")
    await stage.until(lambda: len(stage.offers(BEN, "op_approve")) == 2, "the card is there twice")
    await stage.press(BEN, "op_approve", oldest=True)


async def cancel(stage: Stage) -> None:
    """Ana asks for something that deletes tables, Ben approves."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "running")
    await stage.ask("cancel shop 3")
    await stage.press(BEN, "op_approve")


async def deny(stage: Stage) -> None:
    """Ana asks, Ben denies."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "verified_data")
    await stage.ask("switch-traffic shop 3 --replicas-only")
    await stage.press(BEN, "op_deny")


async def ignore(stage: Stage) -> None:
    """Ana asks, nobody answers."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "verified_data")
    await stage.ask("switch-traffic shop 3 --replicas-only")


async def leave(stage: Stage) -> None:
    """Ben approves, PlanetScale is too busy to take it, Ben leaves, and Chioma approves in his place."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "verified_data")
    await stage.ask("switch-traffic shop 3 --replicas-only")
    stage.planetscale.trouble("rate-limited", on=MUTATION, times=1)
    await stage.press(BEN, "op_approve")
    await stage.until(lambda: any(one.method != "GET" for one in stage.planetscale.requests), "it was asked")
    stage.slack.people[BEN] = replace(stage.slack.people[BEN], deleted=True)
    await stage.press(CHIOMA, "op_approve")


async def reverse(stage: Stage) -> None:
    """Ana takes traffic back, which she confirms herself."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "switched_replicas")
    await stage.ask("reverse-traffic shop 3")
    await stage.press(ANA, "op_confirm")


async def verify(stage: Stage) -> None:
    """Ana starts a verification, for which nobody is needed."""
    stage.planetscale.add_workflow(DATABASE, NUMBER, "running")
    await stage.ask("verify-data shop 3")


async def create(stage: Stage) -> None:
    """Ana creates a workflow, for which nobody is needed."""
    stage.planetscale.add_workflow(DATABASE, NUMBER - 1, "cancelled")
    await stage.ask(
        "create shop main --name again --source-keyspace commerce --target-keyspace customer --tables orders"
    )


DONE = "customer (has served|serves) replica reads"
SWITCHED = End(state=State.SUCCEEDED, requests=1, taken=1, told=(Event.SUCCEEDED,), reads=DONE)
NOT_SENT = End(
    state=State.NOT_SEEN,
    requests=0,
    taken=0,
    told=(Event.UNKNOWN, Event.RESOLVED),
    reads="Not seen to happen",
)
TOO_LATE = End(
    state=State.TOO_LATE,
    requests=0,
    taken=0,
    told=(Event.TABLES, Event.TOO_LATE),
    reads="could not be sent by .* nothing was sent",
)
SENT_AGAIN = replace(SWITCHED, requests=2)
CANCELLED = replace(SWITCHED, told=(Event.TABLES, Event.SUCCEEDED), reads="Cancelled")
DENIED = End(state=State.DENIED, requests=0, taken=0, told=(Event.DENIED,), reads="Denied by @Ben")
EXPIRED = End(state=State.EXPIRED, requests=0, taken=0, told=(Event.REMINDER, Event.EXPIRED), reads="Expired")
REVERSED = replace(SWITCHED, reads="commerce (has served|serves) everything again")
VERIFYING = replace(SWITCHED, told=(Event.BEGUN,), reads="Verification started")
CREATED = replace(SWITCHED, told=(Event.BEGUN,), reads="Created")
MINUTE = {"WORKFLOW_BOT_APPROVAL_TTL": "60s"}
