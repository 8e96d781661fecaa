"""PlanetScale's replicas lag, its reports are late and its words change: none of that is news."""

from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.planetscale import views
from bot.demo.planetscale.world import Workflow
from tests.scenarios.conftest import MOVES, Stage, open_stage
from tests.scenarios.watched import first_lines, outside, reads, told, told_anywhere, watching

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60.0
Shown = dict[str, Any]
VERIFYING = "verifying_data"


class Answers:
    """What PlanetScale shows of shop #3, changed on the way out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.listed: Callable[[Shown], Shown] | None = None
        self.full: Callable[[Shown], Shown] | None = None
        in_list, in_full = views.workflow_in_list, views.workflow
        self._whole = False

        def listed(workflow: Workflow, now: Any) -> Shown:
            shown = in_list(workflow, now)
            changes = self.listed if workflow.number == 3 and not self._whole else None
            return changes(shown) if changes else shown

        def full(workflow: Workflow, now: Any) -> Shown:
            self._whole = True
            shown = in_full(workflow, now)
            self._whole = False
            return self.full(shown) if self.full and workflow.number == 3 else shown

        monkeypatch.setattr(views, "workflow_in_list", listed)
        monkeypatch.setattr(views, "workflow", full)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    return Answers(monkeypatch)


def called(stage: Stage) -> list[str]:
    return [line for line in first_lines(told(stage)) if "@Ana" in line]


@pytest.mark.parametrize("state", ["verified_data", "switched_replicas"])
async def test_a_list_that_lags(answers: Answers, state: str) -> None:
    """Lists that show for a while how it was before a switch tell of no reverse, nor of a second switch."""
    settings: dict[str, Any] = {"WORKFLOW_BOT_DATABASES": "shop", "WORKFLOW_BOT_CHANNEL": MOVES}
    async with open_stage(watches=True, **settings) as stage:
        stage.planetscale.add_workflow("shop", 3, state)
        stage.planetscale.add_workflow("shop", 4, "copying", percent=20, branch="dev")
        await stage.pass_time(2 * MINUTE, 15)
        old = views.workflow_in_list(stage.planetscale.workflow("shop", 3), stage.planetscale.now())
        stage.planetscale.outside("shop", 3, "switch-primaries")
        await stage.pass_time(MINUTE, 5)
        seen, lagging = len(stage.cards()), []

        def lags(_: Shown) -> Shown:
            lagging.append(1)
            return old

        answers.listed = lags
        await stage.pass_time(3 * MINUTE, 15)
        assert len(lagging) > 1
        answers.listed = None
        await stage.pass_time(5 * MINUTE, 15)
        assert len(stage.cards()) == seen
        assert any(one.startswith("Writes on customer since") for one in stage.cards())
        assert sum("Primaries switched outside" in one for one in stage.cards()) == 1


async def test_a_report_that_is_late(answers: Answers) -> None:
    """The state says verified, the report still says started: "clean" is told once the report says so."""
    async with watching("running") as stage:
        started: list[Any] = []

        def late(shown: Shown) -> Shown:
            started.append(shown["vdiff"])
            return shown | {"vdiff": started[0]} if shown["state"] == "verified_data" else shown

        stage.planetscale.outside("shop", 3, "verify-data")
        answers.full = lambda shown: shown if shown["vdiff"] is None else late(shown)
        await stage.pass_time(30, 15)
        while stage.planetscale.workflow("shop", 3).state.value == VERIFYING:
            await stage.pass_time(15, 15)
        await stage.pass_time(2 * MINUTE, 15)
        assert told_anywhere(stage) == []
        assert reads(stage).startswith("Verifying")
        answers.full = None
        await stage.pass_time(MINUTE, 15)
        assert [line.startswith("Clean: shop #3") for line in first_lines(told_anywhere(stage))] == [True]


async def test_words_that_count(answers: Answers) -> None:
    """An error that counts its attempts, and whose words come a read late, calls once in half an hour."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("error", database="shop", number=3, text="lost")
        attempts: list[int] = []

        def counts(shown: Shown) -> Shown:
            attempts.append(1)
            words = f"rpc error: Unavailable, attempt {len(attempts)}" if len(attempts) > 2 else None
            streams: Shown = {"streams": []} if "streams" in shown else {}
            return shown | {"workflow_errors": words} | streams

        answers.full = answers.listed = counts
        before = len(stage.slack.calls)
        await stage.pass_time(30 * MINUTE, 15)
        assert len(called(stage)) == len(told(stage)) == 1
        assert "rpc error: Unavailable, attempt" in reads(stage)
        assert len(stage.slack.calls) - before <= 35


@pytest.mark.parametrize(
    ("state", "head"),
    [
        ("error", "Error, first seen today 02:14"),
        ("stopped", "Stopped, first seen today 02:14"),
        ("reversed_cutover", "Routing rules restored before today 02:14"),
    ],
)
async def test_what_was_so_before_the_first_look(state: str, head: str) -> None:
    """Of what has been so for hours when the bot first looks it says that it was so before."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, state, ago=7200.0)
        await stage.type("watch shop 3")
        assert reads(stage).startswith(head)


async def test_a_copy_that_only_lists_show() -> None:
    """While reads in full fail for an hour, nobody is told that rows stand still; the time says how old."""
    settings: dict[str, Any] = {"WORKFLOW_BOT_DATABASES": "shop", "WORKFLOW_BOT_CHANNEL": MOVES}
    async with open_stage(watches=True, **settings) as stage:
        stage.planetscale.add_workflow("shop", 3, "copying", percent=20)
        await stage.pass_time(2 * MINUTE, 15)
        stage.planetscale.trouble("server-error", on="get", times=None)
        await stage.pass_time(60 * MINUTE, 60)
        assert not any("No progress" in one for one in stage.cards())
        assert "as of today 02:16" in reads(stage)


@pytest.mark.parametrize("early", [True, False])
async def test_a_straight_switch_outside(early: bool) -> None:
    """Whoever is called about replica reads and writes that moved at once reads of the writes."""
    async with watching("verified_data") as stage:
        stage.planetscale.stamp_early = early
        await outside(stage, "switch-primaries", step=5)
        assert ["Primaries switched" in line for line in called(stage)] == [True]
