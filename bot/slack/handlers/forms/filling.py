"""Fills the create form: what it may offer is read, and shown as it comes."""

import asyncio
from typing import Final

from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Keyspace
from bot.slack.cards.forms.create_view import Offer, form_view
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.cards.forms.offers import Tables, fitted, ready_ones
from bot.slack.cards.forms.rules import about_the_place
from bot.slack.cards.forms.views import place_view, reading_view, stuck_view
from bot.slack.handlers.forms.admission import Admission
from bot.slack.handlers.forms.catalogue import Catalogue, Catalogues
from bot.slack.handlers.forms.form_payload import FormSender
from bot.slack.handlers.forms.window import Window

LOOK_WITHIN: Final = 2.0
"""Seconds for what may be in the way of any workflow on the branch; the fields do not wait longer for it."""


class FormFiller:
    """Shows in a window what belongs there. A failed read is shown with a way on."""

    def __init__(
        self, catalogues: Catalogues, admission: Admission, look_within: float = LOOK_WITHIN
    ) -> None:
        self._catalogues = catalogues
        self._admission = admission
        self._look_within = look_within

    async def fill(self, sender: FormSender, window: Window, origin: FormOrigin, *, moved: bool) -> None:
        """Show the next view for `origin`: nothing of PlanetScale before it is known who looks.

        `moved`: it is about another place than before, so it has to be found out who may ask there.
        """
        if refused := await self._admission.to_look(sender.user_id, origin):
            await window.show(stuck_view(origin, refused))
        elif not origin.database or not origin.branch:
            await window.show(place_view(origin))
        elif moved and (refused := await self._admission.to_ask(sender, origin)):
            await window.show(stuck_view(origin, refused))
        else:
            await self._fill_fields(window, origin, moved=moved)

    async def _fill_fields(self, window: Window, origin: FormOrigin, *, moved: bool) -> None:
        keyspaces = await self._keyspaces(window, origin, moved=moved)
        if keyspaces is None:
            return
        asks_why = self._admission.asks_why(origin)
        source = fitted(origin.draft, keyspaces, None).source
        place = (origin.database, origin.branch, source)
        catalogue = self._catalogues.of(origin.organization)
        if source and not catalogue.has_tables(*place):
            going_on = await window.show(form_view(origin, Offer(keyspaces), asks_why=asks_why))
            if not going_on:
                return
        tables = await self._tables(catalogue, place) if source else None
        await window.show(form_view(origin, Offer(keyspaces, tables), asks_why=asks_why))

    async def _keyspaces(
        self, window: Window, origin: FormOrigin, *, moved: bool
    ) -> tuple[Keyspace, ...] | None:
        """Those of the branch; `None` if the window shows why there is no form."""
        place = (origin.database, origin.branch)
        catalogue = self._catalogues.of(origin.organization)
        if not catalogue.has_keyspaces(*place) and not await window.show(reading_view(origin)):
            return None
        try:
            keyspaces, in_the_way = await asyncio.gather(
                catalogue.keyspaces(*place), self._in_the_way(origin, moved=moved)
            )
        except PlanetScaleError as error:
            what, todo = error.what, error.todo
            if error.kind is Failure.NOT_FOUND:
                what = f"There is no database {place[0]} with a branch {place[1]} that this bot can see."
                todo = "Choose another one."
            await window.show(stuck_view(origin, what, todo))
            return None
        if in_the_way:
            await window.show(stuck_view(origin, *in_the_way))
            return None
        if len(ready_ones(keyspaces)) < 2:
            what = f"{origin.branch} has fewer than two keyspaces that are ready. Tables move between two."
            await window.show(stuck_view(origin, what))
            return None
        return keyspaces

    async def _in_the_way(self, origin: FormOrigin, *, moved: bool) -> tuple[str, ...]:
        """Why no field need be filled in there. What cannot be read now is said when it is submitted."""
        if not moved:
            return ()
        catalogue = self._catalogues.of(origin.organization)
        try:
            async with asyncio.timeout(self._look_within):
                return about_the_place(await catalogue.in_the_way(origin.database, origin.branch))
        except (TimeoutError, PlanetScaleError):
            return ()

    async def _tables(self, catalogue: Catalogue, place: tuple[str, str, str]) -> Tables | str:
        try:
            return await catalogue.tables(*place)
        except PlanetScaleError as error:
            return f"{error.what} {error.todo}"
