"""Rules of the ways in that Slack gives besides typed commands and cards: the form, Home, next steps."""

from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
from hypothesis.stateful import rule

from bot.approvals.digest import prefix
from tests.operations.machine import payloads
from tests.operations.machine.asking import ACTIONS, SWITCH_FORCED, Asking, people, recent
from tests.operations.machine.house import CREATE, SPARE, WORKFLOWS
from tests.operations.machine.payloads import FORGERIES
from tests.operations.machine.people import MEMBERS
from tests.operations.machine.troubles import ambushes, number, places
from tests.operations.machine.visitors import DECIDES, Visitors

SUBMITTED = ("as shown", "as shown", "hurried", *FORGERIES)
"""How an old window is submitted."""
OTHERS = (
    *("op_ask_again", "op_say_why", "op_all_checks", "op_all_tables", "op_full_text", "op_cutover_needs"),
    *("op_next.create", "op_next", "op_approve.x", "op_ask_someone", "wa_menu", "qa_share"),
    *("cf_open", "cf_again", "cf_elsewhere", "cf_create", "hm_approve"),
)
"""Buttons that say nothing about a request, and some that nobody ever drew."""
VALUES = (*["right"] * 8, "bare", "old", "forged", "line", "left out", "create", "watch", "strange")
"""What a button carries: a request with its own digest, another one's or none; a line; something else."""

spare = st.sampled_from([(database, "spare") for database, _ in SPARE])
whoever = st.none() | people
ways = st.sampled_from(SUBMITTED)
values = st.sampled_from(VALUES)
anywhere = st.sampled_from(["card", "answer", "home"])


class Visiting(Asking):
    """What people, and clients that are not Slack's, send to the bot's edge."""

    def __init__(self, template: Path, folder: Path, tally: Counter[str]) -> None:
        super().__init__(template, folder, tally)
        self.visitors = Visitors(self.house, tally)

    @rule(
        place=spare,
        user=st.sampled_from(MEMBERS),
        sender=whoever,
        name=st.sampled_from(["one", "two", "all"]),
        hurried=st.booleans(),
        forgery=st.sampled_from(FORGERIES),
        ambush=ambushes,
        again=st.booleans(),
        agree=st.booleans(),
    )
    def use_the_form(
        self,
        *,
        place: tuple[str, str],
        user: str,
        sender: str | None,
        name: str,
        hurried: bool,
        forgery: str,
        ambush: tuple[str, int] | None,
        again: bool,
        agree: bool,
    ) -> None:
        """Somebody fills the form in; a forged one comes first, then they or others submit it, or twice."""
        self.mend()

        async def go_through_it() -> None:
            view = await self.visitors.open_form(place, user)
            if view is None:
                return
            await self.visitors.fill(view, user)
            if ambush:
                self.ambush(*ambush, WORKFLOWS[0][:2])
            await self.visitors.submit(view, sender or user, name, forgery)
            await self.visitors.submit(view, sender or user, name, "hurried" if hurried else "as shown")
            if again:
                await self.visitors.submit_again(self.visitors.sent[-1])

        self.do(go_through_it())
        if agree:
            self.put_agreement(0)
            self.do()

    @rule(nth=number, user=people, how=ways, replayed=st.booleans(), name=st.sampled_from(["one", "all"]))
    def submit_an_old_form(self, nth: int, user: str, how: str, replayed: bool, name: str) -> None:
        """A window that was opened long ago is submitted, by whomever; or a submission is delivered again."""
        views, sent = list(self.house.seen.views.values()), self.visitors.sent
        if replayed and sent:
            self.do(self.visitors.submit_again(sent[-1 - nth % len(sent)], hurried=how == "hurried"))
        elif views:
            self.do(self.visitors.submit(views[-1 - nth % len(views)], user, name, how))

    @rule(user=people, presser=whoever, nth=number, value=st.none() | values, window=st.booleans())
    def press_in_home(
        self, user: str, presser: str | None, nth: int, value: str | None, window: bool
    ) -> None:
        """Home is opened; whatever it or an open window has is pressed, with its own value or another one."""
        self._let_something_wait(nth)

        async def come_and_press() -> None:
            await self.visitors.open_home(user)
            views = list(self.house.seen.views.values())
            shown = self.house.seen.homes.get(user)
            if window and views:
                shown = payloads.filled(views[-1 - nth % len(views)], {})
            if shown:
                carried = value and self._carried(value, nth)
                await self.visitors.press_what_is_shown(shown, presser or user, carried)

        self.do(come_and_press())

    @rule(
        decision=st.none() | st.sampled_from(("op_approve", "op_approve", *DECIDES)),
        other=st.sampled_from(OTHERS),
        value=values,
        where=anywhere,
        nth=recent,
        user=people,
        look=st.booleans(),
    )
    def press_anything(
        self, *, decision: str | None, other: str, value: str, where: str, nth: int, user: str, look: bool
    ) -> None:
        """A press of any button with any value, from wherever, by whomever."""
        self._let_something_wait(nth)
        self.do(self.visitors.press(decision or other, self._carried(value, nth), where, user), look=look)

    @rule(
        place=places,
        nth=number,
        user=people,
        where=anywhere,
        line=st.sampled_from(["fitting", "fitting", "fitting", "line", "left out", "create"]),
    )
    def take_the_next_step(
        self, *, place: tuple[str, int], nth: int, user: str, where: str, line: str
    ) -> None:
        """Somebody presses what a card or a live message offers as the next step, or writes the line anew."""
        word, *flags = self._fitting(place, nth).split()
        offered = " ".join(("/workflow", word, place[0], str(place[1]), *flags))
        carried = offered if line == "fitting" else self._carried(line, nth)
        self.do(self.visitors.press(f"op_next.{word}", carried, where, user))

    @rule(
        nth=recent,
        user=people,
        what=st.sampled_from(["op_why", "op_deny_reason", "shortcut", "watch", "search"]),
    )
    def ask_or_tell_more(self, nth: int, user: str, what: str) -> None:
        """Somebody gives a reason, has a message explained, watches a workflow, or searches in a window."""
        rows, views = self.house.operations(), list(self.house.seen.views.values())
        if what == "shortcut":
            self.do(self.visitors.deliver(payloads.shortcut(user, self.visitors.trigger())))
        elif what == "watch":
            line = f"watch {WORKFLOWS[nth][0]} {WORKFLOWS[nth][1]}"
            self.do(self.visitors.deliver(payloads.command(line, user, self.visitors.trigger())))
        elif what == "search" and views:
            view = views[-1 - nth % len(views)].json()
            field = ("cf_tables", "cf_branch", "cf_database")[nth % 3]
            self.do(self.visitors.deliver(payloads.suggestion(view, user, field, f"{field}:commerce")))
        elif rows and what.startswith("op_"):
            self.do(self.visitors.say_why(rows[nth % len(rows)], user, what))

    def _let_something_wait(self, nth: int) -> None:
        """There is a request that others have to agree to."""
        if not any(row.state == "waiting" for row in self.house.operations()):
            self.mend()
            self._ask(SWITCH_FORCED, self._usable(nth), MEMBERS[nth % len(MEMBERS)])
            self.do()

    def _carried(self, value: str, nth: int) -> str:
        """What a button carries."""
        rows = self.house.operations()
        waiting = [row for row in rows if row.state in {"waiting", "ready", "needs_person"}] or rows
        database, number, *_ = WORKFLOWS[nth % len(WORKFLOWS)]
        watches = self.house.rows.raw("watches")
        lines = {
            "line": f"/workflow {ACTIONS[nth % len(ACTIONS)]} {database} {number}",
            "left out": f"/workflow complete {database}",
            "create": f"/workflow {CREATE.format('three')}",
            "watch": f"{('stop', 'mention', 'bottom')[nth % 3]}:{watches[-1]['id'] if watches else nth}",
        }
        if value in lines:
            return lines[value]
        if not waiting:
            return "1"
        row = waiting[nth % len(waiting)]
        digests = {"right": row.digest, "old": rows[-1].digest, "forged": "0" * 64}
        digest = digests.get(value)
        return f"{row.id}:{prefix(digest)}" if digest else row.id if value == "bare" else f"{row.id}'--\x00"
