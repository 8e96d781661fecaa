"""How a verification ends: also where its report lags behind the state, or never comes."""

from datetime import timedelta
from typing import Any

import pytest

from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.stage import LiveStageName, stage_of
from tests.builders import CLEAN, a_workflow
from tests.workflows.observed_states import T0, in_state, minutes, news

ASKED = {"verify_data_at": minutes(-5)}
BEGUN = {"id": "v", "state": "started", "started_at": minutes(-5)}
DONE = BEGUN | {"state": "completed", "completed_at": minutes(0.5), "has_mismatch": False}
AGAIN = {"verify_data_at": minutes(60)}
RESTARTED = {"started_at": minutes(60)}
ENDS = {Happening.NO_REPORT, Happening.VERIFICATION_BROKE_OFF}
UNCLEAR = [None, BEGUN, DONE | {"completed_at": None}, DONE | {"has_mismatch": None}]


def verifying() -> ObservedState:
    return first_sight(in_state("verifying_data", **ASKED, vdiff=BEGUN), T0)


@pytest.mark.parametrize("unclear", UNCLEAR)
def test_a_report_that_lags_behind_the_state_is_waited_for(unclear: dict[str, Any] | None) -> None:
    """Until the report is whole nothing is told of the end, and the message goes on saying "verifying"."""
    sight, told = news(verifying(), in_state("verified_data", **ASKED, vdiff=unclear), minutes(0.6))
    assert told == []
    assert sight.unsure
    assert stage_of(sight, minutes(0.6)) is LiveStageName.VERIFYING
    sight, told = news(sight, in_state("verified_data", **ASKED, vdiff=DONE), minutes(1))
    assert (told, sight.unsure, sight.verifying_since) == ([Happening.CLEAN], False, None)
    for vdiff in (unclear, DONE, unclear, DONE):
        sight, told = news(sight, in_state("verified_data", **ASKED, vdiff=vdiff), minutes(5))
        assert told == []


@pytest.mark.parametrize(
    ("state", "unclear", "told"),
    [
        ("verified_data", UNCLEAR[0], [Happening.NO_REPORT]),
        ("verified_data", UNCLEAR[3], [Happening.NO_REPORT]),
        ("running", UNCLEAR[0], [Happening.VERIFICATION_BROKE_OFF]),
        ("running", UNCLEAR[1], [Happening.VERIFICATION_BROKE_OFF]),
        ("error", UNCLEAR[0], [Happening.VERIFICATION_BROKE_OFF]),
        ("cancelling", UNCLEAR[0], []),
        ("cancelled", UNCLEAR[0], []),
    ],
)
def test_a_report_that_does_not_come_is_told_once(
    state: str, unclear: dict[str, Any] | None, told: list[Happening]
) -> None:
    """A minute later, by a second read in full: "says verified" only of what PlanetScale calls verified."""
    ended = in_state(state, **ASKED, vdiff=unclear)
    sight, first = news(verifying(), ended, minutes(0.1))
    assert not ENDS & set(first)
    sight, listed = news(sight, ended, minutes(1.2), in_detail=False)
    assert not ENDS & set(listed)
    sight, found = news(sight, ended, minutes(1.2))
    assert [one for one in found if one in ENDS] == told
    assert not sight.unsure
    assert not ENDS & set(news(sight, ended, minutes(5))[1])


def test_a_report_that_goes_on_saying_started_is_waited_for() -> None:
    """What PlanetScale calls verified has broken off only if its report is not whole ten minutes later."""
    behind = in_state("verified_data", **ASKED, vdiff=BEGUN)
    sight = verifying()
    for minute in (1, 2, 10.9):
        sight, told = news(sight, behind, minutes(minute))
        assert told == []
    assert news(sight, behind, minutes(11))[1] == [Happening.VERIFICATION_BROKE_OFF]


def test_a_report_that_comes_after_all_is_told() -> None:
    """What was told as without a report is told as clean once there is one."""
    bare = in_state("verified_data", **ASKED)
    sight, _ = news(verifying(), bare, minutes(1))
    sight, told = news(sight, bare, minutes(2))
    assert told == [Happening.NO_REPORT]
    sight, told = news(sight, in_state("verified_data", **ASKED, vdiff=DONE), minutes(3))
    assert told == [Happening.CLEAN]


def test_a_time_that_becomes_more_precise_is_no_second_end() -> None:
    """A verification is told as clean once, whatever becomes of the time at which it ended."""
    sight, told = news(verifying(), in_state("verified_data", **ASKED, vdiff=DONE), minutes(1))
    assert told == [Happening.CLEAN]
    later = DONE | {"completed_at": minutes(0.5) + timedelta(milliseconds=400)}
    assert news(sight, in_state("verified_data", **ASKED, vdiff=later), minutes(2))[1] == []


def test_two_verifications_without_ids_are_two() -> None:
    """Where PlanetScale names no verification, the next one that is clean is told all the same."""
    first, second = (DONE | {"id": None, "started_at": minutes(at)} for at in (-5, 3))
    sight, told = news(verifying(), in_state("verified_data", **ASKED, vdiff=first), minutes(1))
    assert told == [Happening.CLEAN]
    again = in_state("verified_data", verify_data_at=minutes(3), vdiff=second | {"completed_at": minutes(4)})
    assert news(sight, again, minutes(5))[1] == [Happening.CLEAN]


@pytest.mark.parametrize("differs", [False, True])
def test_two_verifications_under_one_id_are_two(differs: bool) -> None:
    """A verification that PlanetScale begins again under the same name and that ends the same way is told."""
    end = Happening.DIFFERS if differs else Happening.CLEAN
    first = DONE | {"has_mismatch": differs}
    sight, told = news(verifying(), in_state("verified_data", **ASKED, vdiff=first), minutes(1))
    assert told == [end]
    sight, told = news(sight, in_state("verifying_data", **AGAIN, vdiff=BEGUN | RESTARTED), minutes(61))
    assert told == [Happening.VERIFICATION_STARTED]
    second = first | RESTARTED | {"completed_at": minutes(70)}
    sight, told = news(sight, in_state("verified_data", **AGAIN, vdiff=second), minutes(71))
    assert told == [end]
    exact = second | {"started_at": minutes(60) + timedelta(milliseconds=400)}
    assert news(sight, in_state("verified_data", **AGAIN, vdiff=exact), minutes(72))[1] == []


@pytest.mark.parametrize("state", ["verified_data", "running"])
def test_the_report_of_the_verification_before_is_not_that_of_this_one(state: str) -> None:
    """A second verification beside the first one's report is waited for, and its end is told in any case."""
    sight, _ = news(verifying(), in_state("verified_data", **ASKED, vdiff=DONE), minutes(1))
    sight, _ = news(sight, in_state("verifying_data", **AGAIN, vdiff=DONE), minutes(61))
    ended = in_state(state, **AGAIN, vdiff=DONE)
    sight, told = news(sight, ended, minutes(71))
    assert (told, sight.unsure, stage_of(sight, minutes(71))) == ([], True, LiveStageName.VERIFYING)
    own = in_state(state, **AGAIN, vdiff=DONE | RESTARTED | {"completed_at": minutes(70)})
    assert news(sight, own, minutes(71.5))[1] == [Happening.CLEAN]
    sight, told = news(sight, ended, minutes(72))
    assert told == [Happening.NO_REPORT if state == "verified_data" else Happening.VERIFICATION_BROKE_OFF]
    assert news(sight, ended, minutes(90))[1] == []


@pytest.mark.parametrize(("unclear", "told_at"), [(None, 1.6), (BEGUN, 10.6)])
def test_a_switch_does_not_make_a_verification_break_off(
    unclear: dict[str, Any] | None, told_at: float
) -> None:
    """What PlanetScale called verified stays so while its report is waited for, though traffic moves on."""
    sight, told = news(verifying(), in_state("verified_data", **ASKED, vdiff=unclear), minutes(0.5))
    assert told == []
    switched = in_state("switched_replicas", **ASKED, vdiff=unclear, switch_replicas_at=minutes(1))
    sight, told = news(sight, switched, minutes(1.4))
    assert told == [Happening.REPLICAS_SWITCHED]
    sight, told = news(sight, switched, minutes(told_at))
    assert told == [Happening.VERIFICATION_BROKE_OFF if unclear else Happening.NO_REPORT]
    assert not sight.called_verified


@pytest.mark.parametrize(
    ("vdiff", "told"),
    [
        (CLEAN, Happening.CLEAN),
        (CLEAN | {"has_mismatch": True}, Happening.DIFFERS),
        (CLEAN | {"state": "error"}, Happening.VERIFICATION_BROKE_OFF),
    ],
)
def test_the_end_of_a_verification_is_told_from_a_read_in_full(
    vdiff: dict[str, Any], told: Happening
) -> None:
    """A list may show that a verification ended; how it ended waits for the report, and is told once."""
    sight = first_sight(in_state("running"), T0)
    sight, begun = news(sight, in_state("verifying_data"), minutes(1), in_detail=False)
    assert begun == [Happening.VERIFICATION_STARTED]
    ended = in_state("verified_data", vdiff=vdiff, verify_data_at=minutes(1))
    sight, nothing = news(sight, ended, minutes(2), in_detail=False)
    assert nothing == []
    assert sight.verifying_since == minutes(1)
    sight, end = news(sight, ended, minutes(3))
    assert end[0] == told
    assert sight.verifying_since is None
    assert news(sight, ended, minutes(4))[1] == []


def test_one_verification_right_after_another_is_told() -> None:
    """A verification that took another one's place between two reads is told as begun."""
    first, second = ({"vdiff": {"id": name, "state": "started"}} for name in ("v1", "v2"))
    sight = first_sight(in_state("verifying_data", **first), T0)
    assert news(sight, in_state("verifying_data", **first), minutes(1))[1] == []
    assert news(sight, in_state("verifying_data", **second), minutes(1))[1] == [
        Happening.VERIFICATION_STARTED
    ]


def test_a_clean_end_that_was_overtaken_is_not_told_as_clean() -> None:
    """Nobody is told "clean" of data that a retry has changed since."""
    sight = first_sight(in_state("running"), T0)
    vdiff = CLEAN | {"id": "v2", "completed_at": minutes(1)}
    overtaken = in_state("running", vdiff=vdiff, verify_data_at=T0, retried_at=minutes(2))
    sight, told = news(sight, overtaken, minutes(3))
    assert told == [Happening.RETRIED]
    assert news(sight, overtaken, minutes(4))[1] == []


def test_a_report_that_is_missing_for_once_is_no_news() -> None:
    """PlanetScale leaving out the report of a known verification does not make it end again."""
    sight = first_sight(a_workflow(), T0)
    sight, told = news(sight, a_workflow(vdiff=None), minutes(1))
    assert told == []
    assert news(sight, a_workflow(), minutes(2))[1] == []
