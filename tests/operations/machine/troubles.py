"""Rules of what goes wrong: time, PlanetScale, Slack, the process, and people who work past the bot."""

from contextlib import suppress

import hypothesis.strategies as st
from hypothesis.stateful import rule

from bot.approvals.people import Standing
from bot.demo.planetscale.rules import NotAllowedError
from tests.operations.machine.house import POLICIES, WORKFLOWS
from tests.operations.machine.people import DBAS, MEMBERS
from tests.operations.machine.run import OUTSIDE, READ_TROUBLES, Run

CHANGE_TROUBLES = (
    *("lost-answer", "go-back", "ends-in-error", "cut-off", "silent", "late", "refuse", "hang", "slow"),
    *("rate-limited", "rate-limited-silent", "server-error", "unavailable", "empty", "malformed"),
    *("surprising", "redirect", "forbidden", "not-found", "unknown-state", "missing-parts"),
)
ON_WORKFLOW = ("error", "ddl")
AMBUSHES = (
    *("die", "die", "die", "reads", "busy", "commit unknown", "commit unknown", "dawdle", "silence", "reads"),
    *("deny", "deny", "withdraw", "take_back", "take_back", "approve", *OUTSIDE),
)
DISTURBANCES = (
    *("unplug", "silence", "somebody leaves", "all come back", "the group changes"),
    *("restart", "another policy", "the workflow fails"),
)
SECONDS = (1, 4, 20, 61, 121, 250, 299, 300, 301, 599, 900, 1799, 1800, 1801, 4000, 15000)


number = st.integers(0, 23)
a_while = st.sampled_from([3, 20, 100, 200])
places = st.sampled_from([(database, number) for database, number, *_ in WORKFLOWS])
ambushes = st.none() | st.tuples(st.sampled_from(AMBUSHES), st.integers(1, 24))


class Troubles(Run):
    """What nobody asked for."""

    @rule(seconds=st.sampled_from(SECONDS), looks=st.sampled_from([0, 1, 4, 12]))
    def let_time_pass(self, seconds: int, looks: int) -> None:
        """Time passes; the worker looks now and then, or the next step finds it late."""
        if looks:
            self.do(self.house.pass_time(seconds, looks))
        else:
            self.house.clock.advance(seconds)

    @rule(kind=st.sampled_from(CHANGE_TROUBLES), times=st.sampled_from([1, 1, 3]), seconds=a_while)
    def trouble_with_a_change(self, kind: str, times: int, seconds: int) -> None:
        """PlanetScale has trouble with the next change."""
        self.spoil(kind, "mutation", times, seconds)

    @rule(
        kind=st.sampled_from(READ_TROUBLES),
        on=st.sampled_from(["read", "get", "list", "any"]),
        times=st.sampled_from([1, 2, 4, 10, None]),
        seconds=a_while,
    )
    def trouble_with_reads(self, kind: str, on: str, times: int | None, seconds: int) -> None:
        """PlanetScale has trouble with the next reads, or with all of them until it is put right."""
        self.spoil(kind, on, times, seconds)

    @rule()
    def put_right(self) -> None:
        """All is well at PlanetScale and at Slack again."""
        self.mend()
        self.do()

    @rule(place=places, action=st.sampled_from(OUTSIDE))
    def work_past_the_bot(self, place: tuple[str, int], action: str) -> None:
        """Somebody uses the terminal."""
        self.work_outside(place, action)
        self.do()

    @rule(what=st.sampled_from(DISTURBANCES), nth=number, place=places)
    def disturb(self, what: str, nth: int, place: tuple[str, int]) -> None:
        """The network, Slack, the people or the process are not what they were."""
        user = MEMBERS[nth % len(MEMBERS)]
        match what:
            case "unplug":
                self.house.line.unplugged = 1 + nth % 5
            case "silence":
                self.house.directory.fall_silent(1 + nth % 7)
            case "somebody leaves":
                self.house.directory.change(user, Standing.DEACTIVATED if nth % 2 else Standing.GUEST)
            case "all come back":
                for member in MEMBERS:
                    self.house.directory.change(member, Standing.MEMBER)
            case "the group changes":
                self.house.directory.regroup(DBAS, frozenset(MEMBERS[nth % 3 : 3]))
            case "restart":
                self.do(self.house.restart())
            case "another policy":
                self.do(self.house.restart(nth % len(POLICIES)))
            case _:
                self._break(place, ON_WORKFLOW[nth % 2])

    def _break(self, place: tuple[str, int], how: str) -> None:
        with suppress(NotAllowedError):
            self.house.simulator.trouble(how, database=place[0], number=place[1])

    @rule(ambush=ambushes.filter(bool), place=places)
    def lie_in_wait(self, ambush: tuple[str, int], place: tuple[str, int]) -> None:
        """Something is going to happen in the middle of a step."""
        self.ambush(*ambush, place)
