"""People at the bot's edge: what they send from forms, Home, cards and answers, and what may follow of it."""

from collections import Counter
from contextlib import suppress

from tests.operations.machine import payloads
from tests.operations.machine.cases import Wish
from tests.operations.machine.house import House, shows
from tests.operations.machine.points import CrashError
from tests.operations.machine.rows import Row
from tests.operations.machine.slack import Json, View
from tests.operations.machine.wishes import of_form, of_next_step

DECIDES = {
    "op_approve": "approve",
    "op_deny": "deny",
    "op_withdraw": "withdraw",
    "op_take_back": "take_back",
    "op_confirm": "confirm",
    "op_not_now": "not_now",
    "op_happened": "happened",
    "op_did_not_happen": "did_not_happen",
}
"""The buttons of a card and of a private question that say something about a request."""
EVERYTHING = {"cf_every": True}
SOME = {"cf_tables": ["orders"]}


class Visitors:
    """Delivers what they send, and tells the oracle what was asked and pressed by it."""

    def __init__(self, house: House, tally: Counter[str]) -> None:
        self.house, self.tally = house, tally
        self.sent: list[Json] = []
        """Submissions, as they were delivered."""

    def trigger(self) -> str:
        """The next of Slack's triggers."""
        self.house.triggers += 1
        return f"v{self.house.triggers}"

    async def deliver(self, payload: Json, wish: Wish | None = None) -> None:
        """What is taken down by it is at most one request, for this wish and of who sent it; no press."""
        await self._arrive()
        await self._hand_over(payload, wish)

    async def _arrive(self) -> None:
        """There is a process, and no two payloads come at the same moment: their order would be chance."""
        if self.house.life.dead:
            await self.house.restart()
        self.house.clock.advance(0.001)

    async def _hand_over(self, payload: Json, wish: Wish | None) -> None:
        sender = payload.get("user") or {"id": payload.get("user_id", "")}
        oracle, before = self.house.oracle, self.house.rows.operations().keys()
        case = oracle.asking(wish, sender["id"]) if wish else None
        with suppress(CrashError):
            await self.house.edge.deliver(payload)
        new = self.house.rows.operations().keys() - before
        assert not new or (case and len(new) == 1), f"{new} of {payload}"
        for operation_id in new:
            if case:
                oracle.asked(operation_id, case)
                self.tally[f"asked by {payload.get('type')}"] += 1

    # The form

    async def open_form(self, place: tuple[str, str], user: str) -> View | None:
        """Type `create … -i`; the window, if there is one."""
        before = set(self.house.seen.views)
        line = f"create {' '.join(place)} -i"
        await self.deliver(payloads.command(line, user, self.trigger()))
        new = [view for key, view in self.house.seen.views.items() if key not in before]
        return new[0] if new else None

    async def fill(self, view: View, user: str) -> None:
        """Choose the source keyspace, and let the window follow."""
        source = payloads.option("commerce")
        chosen = {"type": "static_select", "action_id": "cf_source", "block_id": "cf_source"}
        shown = payloads.filled(view, {"cf_name": "one", "cf_source": "commerce"})
        await self.deliver(
            payloads.in_view(shown, chosen | {"selected_option": source}, user, self.trigger())
        )

    async def submit(self, view: View, user: str, name: str, how: str) -> None:
        """Submit a window as it is now, or a forged one (`how`: one of `FORGERIES`)."""
        tables = EVERYTHING if name == "all" else SOME
        keyspaces = {"cf_source": "commerce", "cf_target": "customer"}
        shown = payloads.filled(view, {"cf_name": name, **keyspaces, **tables})
        payload = payloads.forge(payloads.submission(shown, user, self.trigger()), how)
        self.sent.append(payload)
        await self.submit_again(payload, hurried=how == "hurried")

    async def submit_again(self, payload: Json, *, hurried: bool = False) -> None:
        """A submission arrives, perhaps not for the first time, perhaps while PlanetScale is slow."""
        ours = payload["team"]["id"] == "T0ACME"
        self.house.edge.form.hurried = hurried
        await self.deliver(payload, of_form(payload["view"], self._tables) if ours else None)
        self.house.edge.form.hurried = False

    def _tables(self, database: str, branch: str, keyspace: str) -> list[str]:
        home = self.house.simulator.world.databases[database].branches[branch]
        return list(home.keyspaces[keyspace].tables)

    # Home, and what can be pressed

    async def open_home(self, user: str) -> None:
        """Open Home, and let it be kept right."""
        await self.deliver(payloads.home_opened(user))
        with suppress(CrashError):
            await self.house.edge.homes.run_once()

    async def press_what_is_shown(self, shown: Json, user: str, value: str | None) -> None:
        """Press everything that a Home or a window has, with its own value or another one.

        Nothing that is shown there may ask for anything or decide about it.
        """
        for element in payloads.actions_in(shown):
            pressed = element if value is None else _holding(element, value)
            await self.deliver(payloads.in_view(shown, pressed, user, self.trigger()))

    async def press(self, action: str, value: str, where: str, user: str) -> None:
        """Press a button that may or may not stand there, with a value that may or may not be its own."""
        element = _holding({"type": "button", "action_id": action, "block_id": "b"}, value)
        trigger = self.trigger()
        match where:
            case "card":
                payload = payloads.in_card(element, user, trigger)
            case "answer":
                payload = payloads.in_answer(element, user, trigger)
            case _:
                shown = self.house.seen.homes.get(user) or {"type": "home", "blocks": []}
                payload = payloads.in_view(shown, element, user, trigger)
        row = self._row(value)
        if action in DECIDES and row:
            await self._decide(row, payload, DECIDES[action], value)
        elif action == "op_ask_again" and row:
            await self.deliver(payload, self.house.once_more(row))
        else:
            wish = of_next_step(value) if action.startswith("op_next") else None
            await self.deliver(payload, wish)

    async def _decide(self, row: Row, payload: Json, kind: str, value: str) -> None:
        """Press a deciding button: it may be taken down as that press, once, or not at all."""
        matches = shows(row, value.partition(":")[2])
        await self._arrive()
        put = self.house.oracle.pressing(
            row, payload["trigger_id"], payload["user"]["id"], kind, matches=matches
        )
        await self._hand_over(payload, None)
        if any(raw["trigger_id"] == put.trigger for raw in self.house.rows.raw("presses")):
            self.house.oracle.pressed(row, put)
            self.tally["pressed at the edge"] += 1

    async def say_why(self, row: Row, user: str, callback: str) -> None:
        """Submit one of the two small windows that ask for a reason."""
        state = {"values": {"reason": {"reason": {"type": "plain_text_input", "value": "because"}}}}
        view = {
            "type": "modal",
            "callback_id": callback,
            "private_metadata": row.id,
            "state": state,
            "blocks": [],
        }
        await self.deliver(payloads.submission(view | {"state": state}, user, self.trigger()))

    def _row(self, value: str) -> Row | None:
        return next((row for row in self.house.operations() if row.id == value.partition(":")[0]), None)


def _holding(element: Json, value: str) -> Json:
    """An element with this value, whatever kind it is."""
    option = payloads.option(value)
    return element | {"value": value, "selected_option": option, "selected_options": [option]}
