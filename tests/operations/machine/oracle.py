"""What must hold after every step, worked out from what was typed, pressed and sent, and from the bare rows.

It uses nothing of `bot.approvals` and `bot.operations`: who pressed what when is its own bookkeeping.
"""

from datetime import datetime, timedelta

import httpx

from bot.demo.clock import ManualClock
from bot.demo.planetscale.simulator import Simulator
from bot.demo.planetscale.world import Mutation
from tests.operations.machine.board import CommittedBoard
from tests.operations.machine.cases import Case, Left, Policy, Press, Terms, Wish
from tests.operations.machine.consent import Word, agreed
from tests.operations.machine.people import Directory, View
from tests.operations.machine.requests import active_in, aim, said_in, state_in
from tests.operations.machine.rows import Line, Row, Rows

PEER = {"switch-traffic", "cutover", "complete", "cancel"}
CONFIRM = {"reverse-traffic", "reverse-cutover"}
STARTED_IS_ENOUGH = {Mutation.VERIFY_DATA, Mutation.RETRY, Mutation.CREATE}
OPEN_OUTCOME = {"sending", "under_way", "unknown", "needs_person"}
BEFORE_SENDING = {"waiting", "ready", "executing"}
ENDS = {
    *("succeeded", "in_place", "refused", "broke_off", "not_seen", "blocked", "denied"),
    *("withdrawn", "expired", "superseded", "too_late"),
}
STATES = ENDS | OPEN_OUTCOME | BEFORE_SENDING | {"requested"}
TOLD_OF_AN_END = {
    *("denied", "expired", "too_late", "superseded", "succeeded", "in_place", "refused", "broke_off"),
    "resolved",
}
SILENT_ENDS = {"blocked", "withdrawn"}
"""The card, or the private answer, says it; nobody is called."""
LOOKED_AT_WITHIN = timedelta(seconds=90)


class Oracle:
    """Collects what happens and says what of it must not have."""

    def __init__(
        self,
        rows: Rows,
        directory: Directory,
        board: CommittedBoard,
        simulator: Simulator,
        clock: ManualClock,
    ) -> None:
        self.rows, self.directory, self.board = rows, directory, board
        self.simulator, self.clock = simulator, clock
        self.cases: dict[str, Case] = {}
        self.policies: list[Policy] = []
        """Those that were ever in force; the last one is."""
        self.wrong: list[str] = []
        self._served: list[tuple[datetime, str, str]] = []
        self._listed: dict[str, list[set[int]]] = {}
        """The active workflows of each database, in each list that PlanetScale gave."""
        self._read_to = 0
        self._kept: dict[str, list[tuple[object, ...]]] = {}

    # What happens

    def asking(self, wish: Wish, user: str) -> Case:
        """Somebody asks for something."""
        return Case(wish, user, wish.number, self.directory.moment, len(self.policies) - 1)

    def asked(self, operation_id: str, case: Case) -> None:
        """It was taken down."""
        self.cases[operation_id] = case

    def pressing(self, row: Row, trigger: str, user: str, kind: str, *, matches: bool) -> Press:
        """Somebody presses a button for the first time (a redelivery is no press)."""
        return Press(trigger, user, kind, matches, self.clock.now(), row.state, self.directory.moment)

    def pressed(self, row: Row, press: Press) -> None:
        """It was taken down. The order of presses is that of the rows."""
        order = {raw["trigger_id"]: raw["id"] for raw in self.rows.raw("presses")}
        presses = self.cases[row.id].presses
        presses.append(press)
        presses.sort(key=lambda one: order[one.trigger])

    def leaving(self, request: httpx.Request) -> Left | None:
        """A request is on its way. What must hold for one that changes something is judged at once."""
        if request.method == "GET":
            return None
        database, number, mutation = aim(request)
        rows = self.rows.operations()
        mine = [
            row
            for row in rows.values()
            if row.state == "sending"
            and row.database == database
            and (mutation is Mutation.CREATE or row.number == number)
            and self.cases[row.id].wish.mutation is mutation
            and self.cases[row.id].wish.body == said_in(request)
        ]
        if len(mine) != 1:
            self.wrong.append(f"{request.method} {request.url.path} belongs to {len(mine)} operations")
            return None
        row, case = mine[0], self.cases[mine[0].id]
        if any(not one.certainly_not_taken for one in case.left):
            self.wrong.append(f"{case.wish.action} sent twice, and the first may have been taken")
        others = [one for one in rows.values() if one.id != row.id and _same_place(one, row)]
        if any(one.state in OPEN_OUTCOME for one in others):
            self.wrong.append(f"{case.wish.action} sent while the outcome of another request there is open")
        if not self._may_be_asked(row, case):
            self.wrong.append(f"{case.wish.action} sent for {case.requester}, who may not ask for it")
        if case.wish.action not in CONFIRM and not self._fits(case.requester, self._terms(row).askers):
            self.wrong.append(f"{case.wish.action} sent for {case.requester}, who may be gone")
        if not self._may_leave(row, case):
            self.wrong.append(f"{case.wish.action} sent without the consent that it needs")
        if row.call and case.wish.action not in CONFIRM and not self._as_shown(row, request):
            self.wrong.append(f"{case.wish.action} sent to a workflow that is not as it was shown")
        left = Left(self.clock.now())
        case.left.append(left)
        return left

    def came_back(self, left: object, request: httpx.Request, status: int | None, body: bytes) -> None:
        """How PlanetScale answered, if it did."""
        if isinstance(left, Left):
            left.certainly_not_taken = status == 429
        elif request.method == "GET" and status == 200 and (state := state_in(body)):
            self._served.append((self.clock.now(), request.url.path, state))
        elif request.method == "GET" and status == 200 and (active := active_in(body)) is not None:
            self._listed.setdefault(request.url.path.split("/")[5], []).append(active)

    # Promise 1

    def _may_be_asked(self, row: Row, case: Case) -> bool:
        """Whether Slack named the one who asked as one of those who may, at some time since."""
        said = [policy[row.database].askers for policy in self.policies[case.policy :]]

        def holds(view: View) -> bool:
            return any(view.admits(case.requester, askers) for askers in said)

        return True in self.directory.ever(case.moment, holds)

    def _terms(self, row: Row) -> Terms:
        return self.policies[-1][row.database]

    def _fits(self, user: str, named: frozenset[str]) -> bool:
        """Whether Slack was asked about somebody shortly before, and named them as one of those who may."""
        at, view = self.directory.looked.get(user, (None, None))
        if at is None or view is None or at < self.clock.now() - LOOKED_AT_WITHIN:
            return False
        return view.admits(user, named)

    def _may_leave(self, row: Row, case: Case) -> bool:
        terms, action = self._terms(row), case.wish.action

        def fits(user: str) -> bool:
            return user == row.requester or self._fits(user, terms.approvers)

        words = self._words(row, case, terms.approvers)
        needs_others = action in PEER or (action == "create" and terms.create_needs_others)
        if needs_others or (action == "retry" and self._copied(row)):
            return row.gate == "peer" and agreed(words, terms.required, self.clock.now(), fits)
        if action in CONFIRM or row.gate != "none":
            needed = terms.required if row.gate == "peer" else 0
            return row.gate != "none" and agreed(words, needed, self.clock.now(), fits)
        return True

    def _as_shown(self, row: Row, request: httpx.Request) -> bool:
        """Whether it was read shortly before, and was in the state that people saw."""
        path = "/".join(request.url.path.split("/")[:8])
        since = self.clock.now() - LOOKED_AT_WITHIN
        states = {_stage(state) for at, where, state in self._served if where == path and at >= since}
        return _stage(row.seen_state or "") in states

    def _copied(self, row: Row) -> bool:
        workflow = self.simulator.world.databases[row.database].workflows[row.number or 0]
        return "data_copy_completed_at" in workflow.times

    def _words(self, row: Row, case: Case, named: frozenset[str]) -> list[Word]:
        places = {raw["trigger_id"]: raw["id"] for raw in self.rows.raw("presses")}
        words = [
            (places[press.trigger], Word(press.user, press.kind, press.at, self._counts(row, press, named)))
            for press in case.presses
            if press.state in BEFORE_SENDING
        ]
        words += self._drops(row)
        return [word for _, word in sorted(words, key=lambda one: one[0])]

    def _drops(self, row: Row) -> list[tuple[float, Word]]:
        """Whose approval was dropped, and behind which press: the last one that was decided by then."""
        last, found = 0.0, list[tuple[float, Word]]()
        for raw in self.rows.raw("decisions"):
            if raw["operation_id"] != row.id:
                continue
            last = max(last, float(raw["press_id"] or 0))
            if raw["kind"] == "dropped":
                found.append((last + 0.5, Word(raw["user_id"], "dropped", self.clock.now(), _SURELY)))
        return found

    def _counts(self, row: Row, press: Press, named: frozenset[str]) -> frozenset[bool]:
        """Whether a press can count, by what Slack would have said at any time since."""
        is_requester = press.user == row.requester
        in_time = row.expires_at is not None and press.at < row.expires_at
        possible = {
            "approve": row.gate == "peer" and not is_requester and press.matches and in_time,
            "deny": row.gate == "peer" and not is_requester,
            "withdraw": row.gate == "peer" and is_requester,
            "take_back": row.gate == "peer",
            "confirm": row.gate == "confirm" and is_requester and press.matches and in_time,
            "not_now": row.gate == "confirm" and is_requester,
            "happened": press.matches and (row.gate != "peer" or not is_requester),
            "did_not_happen": press.matches and (row.gate != "peer" or not is_requester),
        }
        if not possible[press.kind]:
            return frozenset({False})
        wanted = frozenset[str]() if press.kind in _OWN else named

        def holds(view: View) -> bool:
            return view.admits(press.user, wanted)

        return self.directory.ever(press.moment, holds)

    # What holds after every step

    def check(self) -> None:
        """Raise `AssertionError` for anything that must not be."""
        assert not self.wrong, self.wrong
        rows = self.rows.operations()
        assert rows.keys() == self.cases.keys(), "an operation for each request, and no other"
        self._audit(rows)
        self._append_only()
        self._decisions(rows)
        for row in rows.values():
            self._about_one(row)
            self._told(row)
            if row.state == "succeeded":
                self._really_done(row)

    def _about_one(self, row: Row) -> None:
        """A request is about the workflow that was typed, or about the only active one; for all its life."""
        case = self.cases[row.id]
        assert row.requester == case.requester, f"{case.requester} asked, and it is said of {row.requester}"
        assert row.database == case.wish.database, f"asked about {case.wish}, and it is about {row.database}"
        if case.wish.mutation is Mutation.CREATE:
            return
        if row.number is None:
            assert row.state in {"requested", "blocked"}, f"{row.state}, and nobody knows what it is about"
        elif case.number is None:
            assert {row.number} in self._listed[row.database], f"#{row.number} was not the only active one"
            case.number = row.number
        assert row.number == case.number, f"asked about {case.number}, and it is about {row.number}"

    def _audit(self, rows: dict[str, Row]) -> None:
        """Every change of state is a line that fits the line before; nothing follows an end."""
        for line in self.rows.audit(self._read_to):
            self._read_to = line.id
            if line.operation:
                self._follow(line, line.operation)
        for row in rows.values():
            trail = self.cases[row.id].trail
            assert trail[-1] == row.state, f"the audit log says {trail}, the row {row.state}"

    def _follow(self, line: Line, operation: str) -> None:
        trail = self.cases[operation].trail
        if line.what == "asked":
            assert not trail, "asked twice"
            trail.append("requested")
        elif line.what in STATES:
            assert line.was == trail[-1], f"{line.was} → {line.what} after {trail}"
            assert line.was not in ENDS, f"{line.was} was the end, and {line.what} came after it"
            trail.append(line.what)

    def _append_only(self) -> None:
        for table, columns in _KEPT.items():
            now = [tuple(row[column] for column in columns) for row in self.rows.raw(table)]
            before = self._kept.get(table, [])
            assert now[: len(before)] == before, f"{table} were changed"
            self._kept[table] = now
        assert len(self._kept["presses"]) == sum(len(case.presses) for case in self.cases.values())

    def _decisions(self, rows: dict[str, Row]) -> None:
        """Each decision is one press, of somebody who could make it, or a reason of who denied."""
        presses = {row["id"]: row for row in self.rows.raw("presses")}
        put = {press.trigger: (key, press) for key, case in self.cases.items() for press in case.presses}
        denied: set[tuple[str, str]] = set()
        for decision in self.rows.raw("decisions"):
            key, user, kind = decision["operation_id"], decision["user_id"], decision["kind"]
            if kind == "dropped":
                approved = [one.user for one in self.cases[key].presses if one.kind == "approve"]
                assert user in approved, f"the approval of {user} was dropped, who gave none"
                assert decision["reason"], f"the approval of {user} was dropped, and nobody knows why"
                continue
            if kind == "reason":
                assert (key, user) in denied, f"{user} gave a reason, and did not deny"
                continue
            of, press = put[presses[decision["press_id"]]["trigger_id"]]
            row = rows[key]
            assert (of, press.user, press.kind) == (key, user, kind)
            if kind == "deny":
                denied.add((key, user))
            named = [policy[row.database].approvers for policy in self.policies]
            could = any(True in self._counts(row, press, people) for people in named)
            assert could, f"{press.kind} of {press.user} counted"

    # Promise 4

    def _told(self, row: Row) -> None:
        """The card shows where it stands, an end is told, and nothing is told twice."""
        told = {event: times for (key, event), times in self.board.told.items() if key == row.id}
        assert all(times == 1 for times in told.values()), f"told more than once: {told}"
        drawn = self.board.shown.get(row.id)
        if drawn is None:
            assert not self.cases[row.id].left, "sent, and nobody saw a card"
            assert row.gate != "peer" or row.state in {"requested", "blocked"}, "waits without a card"
            return
        assert drawn == row.state, f"the card shows {drawn}, it is {row.state}"
        quiet = row.state == "succeeded" and self.cases[row.id].wish.mutation in STARTED_IS_ENOUGH
        if row.state in ENDS - SILENT_ENDS and (not quiet or "unknown" in told):
            assert told.keys() & TOLD_OF_AN_END, f"{row.state} was not told: {told}"
        if row.state == "needs_person":
            assert "needs_person" in told

    def _really_done(self, row: Row) -> None:
        """*Succeeded* is said only of what happened."""
        case = self.cases[row.id]
        wanted = "taken" if case.wish.mutation in STARTED_IS_ENOUGH else "done"
        done = [
            effect
            for effect in self.simulator.effects
            if effect.what == wanted
            and effect.mutation is case.wish.mutation
            and (effect.database, effect.number) == (row.database, row.number)
            and effect.at >= case.left[0].at
        ]
        assert done, f"{case.wish.action} did not happen, and is told as succeeded"

    def at_rest(self) -> None:
        """After a long quiet time: everything has ended, or says that it needs a person."""
        for row in self.rows.operations().values():
            assert row.state in ENDS | {"needs_person"}, f"stranded as {row.state}: {self.cases[row.id]}"


_SURELY = frozenset({True})
_OWN = {"withdraw", "take_back", "confirm", "not_now"}
"""Whoever the policy names as approver has nothing to do with these."""
_KEPT = {
    "presses": ("id", "operation_id", "user_id", "trigger_id", "kind", "digest_prefix", "received_at"),
    "decisions": ("id", "operation_id", "press_id", "user_id", "kind", "at", "reason"),
    "audit": ("id", "at", "operation_id", "who", "what", "detail"),
}


def _stage(state: str) -> str:
    """While nothing is switched, people decide about the same whether it was compared or not."""
    return "copied" if state in {"running", "verified_data"} else state


def _same_place(one: Row, other: Row) -> bool:
    place, there = (one.database, one.number), (other.database, other.number)
    return place == there and (one.number is not None or one.branch == other.branch)
