"""Rules of people who type commands and press buttons."""

import hypothesis.strategies as st
from hypothesis.stateful import rule

from tests.operations.machine.house import CREATE, WORKFLOWS
from tests.operations.machine.people import EVERYBODY, MEMBERS
from tests.operations.machine.troubles import CHANGE_TROUBLES, Troubles, a_while, ambushes, number, places

ACTIONS = (
    *("switch-traffic", "switch-traffic --replicas-only", "cutover", "complete", "cancel"),
    *("reverse-traffic", "reverse-cutover", "retry", "verify-data"),
)
_FORCED = '--force --reason="the sale begins"'
SWITCH_FORCED, CUTOVER_FORCED, CANCEL_FORCED = (
    f"{one} {_FORCED}" for one in ("switch-traffic", "cutover", "cancel")
)
FITTING = {
    "verified_data": (SWITCH_FORCED, "switch-traffic --replicas-only", "verify-data", "cancel"),
    "running": ("verify-data", SWITCH_FORCED, CANCEL_FORCED),
    "switched_replicas": (SWITCH_FORCED, "reverse-traffic"),
    "switched_primaries": (CUTOVER_FORCED, "reverse-traffic"),
    "cutover": ("reverse-cutover", "complete"),
    "reversed_cutover": (CUTOVER_FORCED, "complete"),
    "error": ("retry", "cancel"),
    "stopped": ("retry", "cancel"),
    "copying": ("cancel",),
}
"""What can be done to a workflow in each state in which something can."""
PRESSES = (
    *("approve", "approve", "approve", "deny", "withdraw", "take_back"),
    *("confirm", "not_now", "happened", "did_not_happen"),
)
SHOWN = ("right", "right", "right", "right", "old", "forged", "none")

people = st.sampled_from((*MEMBERS * 4, *EVERYBODY))
recent = st.integers(0, 3)


class Asking(Troubles):
    """What people do at the engine's own door."""

    @rule(
        what=st.sampled_from(["fitting", "anything", "left out", "create", "once more", "delivered again"]),
        place=places,
        nth=number,
        user=people,
    )
    def ask(self, what: str, place: tuple[str, int], nth: int, user: str) -> None:
        """Somebody types a command, or Slack delivers one again."""
        rows, asked = self.house.operations(), self.house.asked
        if what == "create":
            self.house.ask(CREATE.format("one" if nth % 2 else "two"), user)
        elif what == "once more" and rows:
            self.house.ask_again(rows[nth % len(rows)], user)
        elif what == "delivered again" and asked:
            self.house.deliver(asked[-1 - nth % len(asked)])
        elif what == "left out":
            self._ask(self._fitting(place, nth), place, user, left_out=True)
        elif what == "anything":
            self._ask(ACTIONS[nth % len(ACTIONS)], place, user)
        else:
            self._ask(self._fitting(place, nth), place, user)
        self.do()

    def _fitting(self, place: tuple[str, int], nth: int) -> str:
        fitting = FITTING.get(self.house.simulator.workflow(*place).state.value, ACTIONS)
        return fitting[nth % len(fitting)]

    def _ask(self, action: str, place: tuple[str, int], user: str, *, left_out: bool = False) -> None:
        word, *flags = action.split()
        where = (place[0],) if left_out else (place[0], str(place[1]))
        self.house.ask(" ".join((word, *where, *flags)), user)

    @rule(
        nth=number,
        action=number,
        user=st.sampled_from(MEMBERS),
        trouble=st.none() | st.sampled_from(CHANGE_TROUBLES),
        ambush=ambushes,
        seconds=a_while,
    )
    def ask_and_agree(
        self,
        *,
        nth: int,
        action: int,
        user: str,
        trouble: str | None,
        ambush: tuple[str, int] | None,
        seconds: int,
    ) -> None:
        """All is well, somebody asks and others agree; then something comes in between, or nothing does."""
        self.mend()
        place = self._usable(nth)
        left_out = place[0] == "solo" and action % 2 == 1
        self._ask(self._fitting(place, action), place, user, left_out=left_out)
        self.do()
        if trouble:
            self.spoil(trouble, "mutation", 1, seconds)
        if ambush:
            self.ambush(*ambush, place)
        self.put_agreement(0)
        self.do(self.house.pass_time(seconds, 3))

    def _usable(self, nth: int) -> tuple[str, int]:
        """A workflow to which something can be done."""
        all_of_them = [(database, number) for database, number, *_ in WORKFLOWS]
        usable = [place for place in all_of_them if self.house.simulator.workflow(*place).state in FITTING]
        return (usable or all_of_them)[nth % len(usable or all_of_them)]

    @rule(
        nth=recent,
        user=people,
        kind=st.sampled_from(PRESSES),
        shown=st.sampled_from(SHOWN),
        again=st.booleans(),
        look=st.booleans(),
    )
    def press(self, *, nth: int, user: str, kind: str, shown: str, again: bool, look: bool) -> None:
        """Somebody presses a button; it may arrive twice, and more be pressed before the worker looks."""
        self.put_press(nth, user, kind, shown)
        if again:
            self.house.press_again(nth)
        self.do(look=look)

    @rule(nth=recent, all_at_once=st.booleans(), look=st.booleans())
    def agree(self, nth: int, all_at_once: bool, look: bool) -> None:
        """Those who have to agree all press at the same moment, perhaps to all that waits."""
        for each in range(6) if all_at_once else (nth,):
            self.put_agreement(each)
        self.do(look=look)
