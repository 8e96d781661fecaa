"""PlanetScale or Slack cannot be reached, or say something strange: nothing is invented, nothing is lost."""

from typing import Any

import pytest

from bot.demo.planetscale.troubles import Trouble
from bot.demo.slack.people import ANA, BEN, RANDOM
from tests.scenarios.conftest import MOVES, Stage, open_stage, text, titled
from tests.scenarios.watched import first_lines, live, outside, reads, told, told_anywhere, watching

MINUTE = 60.0
FOUND: dict[str, Any] = {"WORKFLOW_BOT_DATABASES": "shop,store", "WORKFLOW_BOT_CHANNEL": MOVES}


def fails(stage: Stage, kind: str, seconds: float = 0.0) -> Trouble:
    """From now on every read fails in this way."""
    return stage.planetscale.trouble(kind, times=None, on="read", seconds=seconds)


NO_ANSWERS = (
    "down",
    "bad-gateway",
    "not-json",
    "half-body",
    "server-error",
    "unavailable",
    "empty",
    "malformed",
    "surprising",
    "wrong-types",
)
"""What comes instead of an answer."""


async def test_a_failed_read_is_no_event() -> None:
    """Whatever comes instead of an answer: nothing is told of the workflow, and what is shown of it stays."""
    async with watching("verified_data") as stage:
        before = stage.cards()
        wrong = []
        for kind in NO_ANSWERS:
            trouble = fails(stage, kind)
            await stage.pass_time(2 * MINUTE, 30)
            if stage.cards() != before or not trouble.hits:
                wrong.append((kind, trouble.hits, stage.cards()))
            stage.planetscale.lift(trouble)
            await stage.pass_time(2 * MINUTE, 30)
        assert wrong == []


async def test_what_is_shown_during_an_outage() -> None:
    """After five minutes the live message says that it is what was last known. What happened meanwhile is
    told when PlanetScale is back."""
    async with watching("verified_data") as stage:
        before = stage.cards()
        trouble = fails(stage, "down")
        stage.planetscale.outside("shop", 3, "switch-replicas")
        await stage.pass_time(4 * MINUTE, 15)
        assert stage.cards() == before
        await stage.pass_time(6 * MINUTE, 15)
        assert reads(stage).splitlines()[:2] == [
            "Last known: verified clean today 00:14 · shop #3 orders-to-customer",
            "❓ PlanetScale could not be read since today 02:14. What is shown is from then.",
        ]
        assert first_lines(told(stage)) == [
            "PlanetScale could not be read since 02:14. 1 workflow is shown as it was.",
        ]
        stage.planetscale.lift(trouble)
        await stage.pass_time(6 * MINUTE, 15)
        assert (
            reads(stage).splitlines()[0]
            == "Replica reads on customer since today 02:14 · shop #3 orders-to-customer"
        )
        back, news = told(stage)
        assert back.startswith("Back since ")
        assert news.startswith("⚠️ Replica reads switched outside this bot by dev@acme.example, without ")


async def test_one_note_for_the_channel() -> None:
    """However many workflows are shown: one note after five minutes, edited once PlanetScale is back."""
    async with open_stage(watches=True, **FOUND) as stage:
        for number in (3, 4, 5, 6):
            stage.planetscale.add_workflow(
                "shop", number, "copying", branch=f"b{number}", name=f"move-{number}"
            )
        stage.planetscale.add_workflow("store", 1, "running", name="split")
        await stage.pass_time(MINUTE, 15)
        assert len(stage.cards()) == 5
        trouble = fails(stage, "down")
        await stage.pass_time(10 * MINUTE, 15)
        assert len(stage.cards()) == 6
        assert stage.read(stage.card()) == text(
            """
            PlanetScale could not be read since 02:15. 5 workflows are shown as they were.
            Organization acme. Writes: as each live message says, then.
            """
        )
        assert (
            stage.card().text
            == "PlanetScale could not be read since 02:15 UTC. 5 workflows are shown as they were."
        )
        assert reads(stage) == text(
            """
            Last known: copying, about 41 % · shop #3 move-3
            ❓ PlanetScale could not be read since today 02:15. What is shown is from then.
            Writes (then): commerce · Replica reads (then): commerce
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert stage.slack.live_markup(stage.card()) == []
        stage.planetscale.lift(trouble)
        await stage.pass_time(6 * MINUTE, 30)
        assert len(stage.cards()) == 6
        back = stage.read(stage.card())
        assert back.startswith("Back since 02:")
        assert back.endswith(": PlanetScale (acme) can be read again.\nIt could not be read since 02:15.")
        assert not [card for card in stage.cards() if card.startswith("Last known")]


async def test_a_short_outage() -> None:
    """One that is over within minutes is told nowhere."""
    async with watching("copying", percent=20) as stage:
        trouble = fails(stage, "down")
        await stage.pass_time(90, 5)
        assert trouble.hits > 1
        stage.planetscale.lift(trouble)
        await stage.pass_time(5 * MINUTE, 15)
        assert stage.cards() == [stage.read()]
        assert reads(stage).startswith("Copying · ")


async def test_who_asked_is_called_when_the_outcome_is_open() -> None:
    """If PlanetScale falls silent while a request is under way, the note calls whoever asked for it."""
    async with watching("switched_replicas") as stage:
        stage.planetscale.pace = dict.fromkeys(stage.planetscale.pace, 1200.0)
        await stage.type("switch-traffic shop 3", BEN)
        await stage.press(ANA, "op_approve")
        fails(stage, "down")
        await stage.pass_time(7 * MINUTE, 30)
        notes = [one for one in stage.slack.messages(MOVES) if "could not be read" in one.text]
        assert [stage.read(one) for one in notes] == [
            text(
                """
                PlanetScale could not be read since 02:14. 1 workflow is shown as it was.
                Organization acme. Writes: as each live message says, then.
                The outcome of the request on shop #3 is not known. Check the application: @Ben
                """
            ),
        ]


async def test_who_asked_elsewhere_is_called_too() -> None:
    """Whoever asked in another channel than where the workflow is watched is called by the note there."""
    async with watching("switched_replicas") as stage:
        stage.planetscale.pace = dict.fromkeys(stage.planetscale.pace, 1200.0)
        await stage.type("switch-traffic shop 3", BEN, RANDOM)
        await stage.press(ANA, "op_approve", message=stage.card(RANDOM))
        fails(stage, "down")
        await stage.pass_time(7 * MINUTE, 30)
        (note,) = [one for one in stage.slack.messages(MOVES) if "could not be read" in one.text]
        assert stage.slack.live_markup(note) == ["user @Ben"]


async def test_slow_answers() -> None:
    """A PlanetScale that takes five seconds for each answer is watched all the same, and is no outage."""
    async with watching("verified_data") as stage:
        fails(stage, "slow", 5.0)
        await outside(stage, "switch-replicas", seconds=10 * MINUTE)
        assert first_lines(told(stage)) == [
            text(
                """
                ⚠️ Replica reads switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. @Ana
                """
            ),
        ]
        assert (
            reads(stage).splitlines()[0]
            == "Replica reads on customer since today 02:14 · shop #3 orders-to-customer"
        )


async def test_too_many_requests() -> None:
    """While PlanetScale says 429 it is not asked again before the time that it names, and what was missed is
    told afterwards."""
    async with watching("copying", percent=20) as stage:
        trouble = fails(stage, "rate-limited", 60.0)
        before = len(stage.planetscale.requests)
        await stage.pass_time(2.5 * MINUTE, 5)
        assert len(stage.planetscale.requests) - before <= 3
        stage.planetscale.trouble("error", database="shop", number=3, text="Lost connection")
        stage.planetscale.lift(trouble)
        await stage.pass_time(3 * MINUTE, 15)
        assert first_lines(told(stage)) == [
            "Error: shop #3, was copying, about 20 %. Writes: commerce. @Ana",
        ]


async def test_people_are_answered_while_many_workflows_are_watched() -> None:
    """The watch leaves a share of the request budget to people: a question and a request for approval are
    answered at once, with forty copies being watched on a small budget."""
    async with open_stage(watches=True, **FOUND, WORKFLOW_BOT_API_BUDGET="60") as stage:
        for number in range(1, 41):
            stage.planetscale.add_workflow(
                "shop", number, "copying", branch=f"b{number}", name=f"move-{number}"
            )
        stage.planetscale.add_workflow("shop", 60, "verified_data")
        await stage.pass_time(3 * MINUTE, 5)
        asked_at = stage.clock.monotonic()
        assert "verified clean" in await stage.type("show shop 60", BEN)
        await stage.type("switch-traffic shop 60 --replicas-only")
        assert [card for card in first_lines(stage.cards()) if titled(card, "Switch replica reads")]
        assert stage.clock.monotonic() - asked_at <= 5


@pytest.mark.parametrize("how", [None, "garbage"])
async def test_slack_is_down_for_three_changes(how: str | None) -> None:
    """Afterwards each change is told once and in order, with its time; only the last one calls somebody, and
    the live message shows what is so now."""
    async with watching("verified_data") as stage:
        stage.slack.go_down(how=how)  # type: ignore[arg-type]
        await outside(stage, "switch-replicas", "switch-primaries", "cutover", seconds=20 * MINUTE, step=60)
        stage.slack.come_back()
        await stage.pass_time(3 * MINUTE, 15)
        assert told_anywhere(stage) == [
            text(
                """
                Over: it has been cut over since 02:54.
                ⚠️ Replica reads switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. (at 02:14, told late)
                Writes (then): commerce · Replica reads (then): customer
                """
            ),
            text(
                """
                Over: it has been cut over since 02:54.
                ⚠️ Primaries switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. (at 02:34, told late)
                Writes: customer · Replica reads: customer
                """
            ),
            text(
                """
                ⚠️ Cut over outside this bot by dev@acme.example, without the two-person rule: shop \
                    #3. (at 02:54, told late) @Ana
                Deleted from commerce: tables orders and line_items. Writes: customer.
                ↩️ Way back for the routing rules only: /workflow reverse-cutover shop 3
                [Restore routing rules]
                """
            ),
        ]
        assert reads(stage) == text(
            """
            Cut over today 02:54 · shop #3 orders-to-customer
            Writes: customer · Replica reads: customer · orders and line_items are deleted from commerce
            If queries fail: restore the routing rules. When all is well: complete.
            [Restore routing rules] [Complete] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop \
                watching]
            """
        )
        assert stage.slack.live_markup(stage.card()) == ["user @Ana"]
        await stage.pass_time(10 * MINUTE, 60)
        assert len(told_anywhere(stage)) == 3
        assert live(stage).ts == stage.first.ts


async def test_a_live_message_is_not_lost_while_slack_is_down() -> None:
    """A workflow that is found while Slack is down gets its one live message afterwards."""
    async with open_stage(watches=True, **FOUND) as stage:
        stage.slack.go_down()
        stage.planetscale.add_workflow("shop", 3, "copying", percent=20)
        await stage.pass_time(10 * MINUTE, 60)
        stage.slack.come_back()
        await stage.pass_time(2 * MINUTE, 15)
        assert first_lines(stage.cards()) == [
            "Copying · about 23 % · shop #3 orders-to-customer",
        ]
