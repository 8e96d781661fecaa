"""A little PlanetScale for the tests: workflows that live on at random, and what each read can know of it.

It keeps its own record of what was done when, apart from the code under test: `read` answers with the
workflow, and with what this read shows for the first time.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.planetscale.models import Workflow
from bot.workflows.observing.happenings import Happening
from tests.workflows.observed_states import in_state, minutes

Deed = tuple[datetime, Happening]
TIME_OF = {
    Happening.COPIED: "data_copy_completed_at",
    Happening.RETRIED: "retried_at",
    Happening.REPLICAS_SWITCHED: "switch_replicas_at",
    Happening.PRIMARIES_SWITCHED: "switch_primaries_at",
    Happening.REVERSED: "reversed_at",
    Happening.CUT_OVER: "cutover_at",
    Happening.COMPLETED: "completed_at",
    Happening.CANCELLED: "cancelled_at",
}
SEEN_AS_STATE = {
    "reversed_cutover": Happening.RULES_RESTORED,
    "error": Happening.ERROR,
    "reversing_traffic_for_cancel": Happening.CANCELLING_WITH_TRAFFIC,
}
ENDS = (Happening.CLEAN, Happening.DIFFERS, Happening.VERIFICATION_BROKE_OFF)
NEXT = {
    "pending": ["start"],
    "copying": ["copied", "fail"],
    "error": ["retry", "restart"],
    "running": ["verify", "replicas", "primaries", "fail", "cancel", "try replicas", "try primaries"],
    "verified_data": ["verify", "replicas", "primaries", "fail", "cancel", "try replicas", "try primaries"],
    "switched_replicas": ["primaries", "reverse", "fail", "cancel", "try primaries"],
    "switched_primaries": ["reverse", "cutover", "fail", "cancel"],
    "cutover": ["restore", "complete"],
    "reversed_cutover": ["cutover", "complete"],
    "completed": [],
    "cancelled": [],
}
"""What can be done in each state in which a workflow rests."""


@dataclass
class Life:
    """One workflow. Every change takes a minute of its own, so that nothing happens at the same time."""

    early: bool
    """Whether times are set when something is taken, or when it is done."""
    state: str = "pending"
    clock: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    replicas: bool = False
    primaries: bool = False
    back_to: str = "copying"
    done: list[Deed] = field(default_factory=list)
    known: set[tuple[object, Happening]] = field(default_factory=set)
    ends: dict[str, Happening] = field(default_factory=dict)
    episode: int = 0
    last_read: tuple[str, int] = ("", 0)
    """An error after an error may be the old one beside a new retry: it shows one read later."""

    def tick(self) -> datetime:
        self.clock += 1
        return minutes(self.clock)

    def enter(self, state: str) -> datetime:
        self.state = state
        self.episode += 1
        return self.tick()

    def steps(self, what: str, outcome: int) -> list[Any]:
        """What is done one after the other for `what`; reads may come between any two."""
        switches = {
            "replicas": (Happening.REPLICAS_SWITCHED, "switching_replicas", "switched_replicas"),
            "primaries": (Happening.PRIMARIES_SWITCHED, "switching_primaries", "switched_primaries"),
            "reverse": (Happening.REVERSED, "reversing_traffic", "running"),
            "cutover": (Happening.CUT_OVER, "cutting_over", "cutover"),
        }
        if what in switches:
            return self.moves(*switches[what])
        if what.startswith("try "):
            return self.tries(*switches[what.removeprefix("try ")])
        match what:
            case "verify":
                return self.verifies(outcome)
            case "cancel":
                return self.cancels()
            case "retry" | "restart":
                return [lambda: self.retries(over=what == "restart" and not self.replicas)]
            case "fail":
                return [self.fails]
            case "start":
                return [lambda: self.enter("copying")]
            case "copied":
                return [lambda: self.at_once(Happening.COPIED, "running")]
            case "complete":
                return [lambda: self.at_once(Happening.COMPLETED, "completed")]
            case _:
                return [lambda: self.enter("reversed_cutover"), "read"]

    def at_once(self, what: Happening, state: str) -> None:
        at = self.enter(state)
        self.fields[TIME_OF[what]] = at
        self.done.append((at, what))

    def moves(self, what: Happening, via: str, to: str) -> list[Any]:
        def take() -> None:
            at = self.enter(via)
            if self.early:
                self.fields[TIME_OF[what]] = at

        def end() -> None:
            at = self.enter(to)
            if not self.early:
                self.fields[TIME_OF[what]] = at
            if what is Happening.PRIMARIES_SWITCHED and not self.replicas:
                self.fields["switch_replicas_at"] = self.fields["switch_primaries_at"]
                self.done.append((self.fields["switch_primaries_at"], Happening.REPLICAS_SWITCHED))
            self.done.append((self.fields[TIME_OF[what]], what))
            self.replicas = to != "running"
            self.primaries = to in {"switched_primaries", "cutover"}

        return [take, end]

    def tries(self, what: Happening, via: str, _: str) -> list[Any]:
        """A switch that breaks off, read on the way and twice afterwards: else nobody can know."""
        back = self.state

        def take() -> None:
            at = self.enter(via)
            if self.early:
                self.fields[TIME_OF[what]] = at

        def end() -> None:
            at = self.enter(back)
            self.done.append((at, Happening.SWITCH_BROKE_OFF))

        return [take, "read", end, "read", "read"]

    def verifies(self, outcome: int) -> list[Any]:
        def take() -> None:
            at = self.enter("verifying_data")
            self.fields["verify_data_at"] = at
            self.fields["vdiff"] = {"id": f"v{self.clock}", "state": "started", "started_at": at}

        def end() -> None:
            at = self.enter("running" if outcome == 2 else "verified_data")
            state, differs = ("error", None) if outcome == 2 else ("completed", outcome == 1)
            self.fields["vdiff"] = self.fields["vdiff"] | {
                "state": state,
                "completed_at": at,
                "has_mismatch": differs,
            }
            self.ends[self.fields["vdiff"]["id"]] = [
                Happening.CLEAN,
                Happening.DIFFERS,
                Happening.VERIFICATION_BROKE_OFF,
            ][outcome]

        return [take, end]

    def cancels(self) -> list[Any]:
        def take() -> None:
            at = self.enter("reversing_traffic_for_cancel" if self.replicas else "cancelling")
            if self.early:
                self.fields["cancelled_at"] = at

        def end() -> None:
            at = self.enter("cancelled")
            self.replicas = self.primaries = False
            self.fields.setdefault("cancelled_at", at)
            self.done.append((self.fields["cancelled_at"], Happening.CANCELLED))

        return ["read", take, end]

    def fails(self) -> None:
        self.back_to = self.state
        at = self.enter("error")
        self.fields["workflow_errors"] = f"lost connection at {at}"

    def retries(self, *, over: bool) -> None:
        at = self.enter("copying" if over else self.back_to)
        self.fields["workflow_errors"] = None
        self.fields["retried_at"] = at
        if over:
            self.fields.pop("data_copy_completed_at", None)
        self.done.append((at, Happening.RETRIED))

    def read(self, *, in_detail: bool) -> tuple[Workflow, datetime, list[Deed], set[Happening]]:
        """The workflow, the moment, and what this read shows first: by time, and by its state alone."""
        at = self.tick()
        flags = {"replicas_switched": self.replicas, "primaries_switched": self.primaries}
        workflow = in_state(self.state, **flags | self.fields)
        new = [entry for entry in self.done if entry not in self.known and self.still_shows(*entry)]
        self.known.update(new)
        timed = [entry for entry in new if entry[1] is not Happening.SWITCH_BROKE_OFF]
        as_state = {Happening.SWITCH_BROKE_OFF} if len(timed) < len(new) else set()
        follows = self.state != "error" or self.last_read[0] != "error" or self.last_read[1] == self.episode
        self.last_read = self.state, self.episode
        shown = (self.episode, SEEN_AS_STATE.get(self.state))
        if follows and self.state in SEEN_AS_STATE and shown not in self.known:
            self.known.add((self.episode, SEEN_AS_STATE[self.state]))
            as_state.add(SEEN_AS_STATE[self.state])
        if in_detail:
            timed += self.verification_end()
        else:
            missing = {"streams": None, "tables": None, "vdiff": None}
            workflow = workflow.model_copy(update=missing)
        return workflow, at, sorted(timed, key=lambda entry: entry[0]), as_state

    def still_shows(self, at: datetime, what: Happening) -> bool:
        return what is Happening.SWITCH_BROKE_OFF or self.fields.get(TIME_OF[what]) == at

    def verification_end(self) -> list[Deed]:
        vdiff = self.fields.get("vdiff") or {}
        what, at = self.ends.get(vdiff.get("id", "")), vdiff.get("completed_at")
        if what is None or at is None or (at, what) in self.known or self.state == "verifying_data":
            return []
        self.known.add((at, what))
        later = [moment for name in ("retried_at", "reversed_at") if (moment := self.fields.get(name))]
        overtaken = what is Happening.CLEAN and any(moment > at for moment in later)
        return [] if overtaken else [(at, what)]
