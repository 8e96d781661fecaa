"""What a select of the create form offers for the letters that were typed into it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from bot.commands import names
from bot.commands.names import Thing
from bot.planetscale.errors import PlanetScaleError
from bot.slack.cards.blocks.rich import Block
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.cards.forms.elements import option
from bot.slack.cards.forms.fields import NOTHING, Field, subject_of
from bot.slack.cards.forms.offers import found_by
from bot.slack.directory import Home
from bot.slack.handlers.forms.admission import Admission
from bot.slack.handlers.forms.catalogue import Catalogues
from bot.slack.handlers.forms.form_payload import FormSender, origin_in, sender_of
from bot.slack.payload import part, text

ANSWER_WITHIN: Final = 2.0
"""Seconds; Slack shows nothing after three."""


class OptionSearch:
    """Finds options. Whatever goes wrong is said in an option that cannot be chosen."""

    def __init__(self, catalogues: Catalogues, admission: Admission, home: Home) -> None:
        self._catalogues = catalogues
        self._admission = admission
        self._home = home

    async def options(self, body: Mapping[str, Any], within: float = ANSWER_WITHIN) -> list[Block]:
        """At most a hundred options for a `block_suggestion` payload."""
        sender = sender_of(body)
        origin = origin_in(part(body, "view"), self._catalogues)
        if origin is None or not self._home.sent(sender.team_id, sender.enterprise_id):
            return []
        try:
            async with asyncio.timeout(within):
                found = await self._found(body, sender, origin)
        except TimeoutError:
            found = f"{self._catalogues.of(origin.organization).delay()} Type again in a moment."
        except PlanetScaleError as error:
            found = error.what
        if isinstance(found, str):
            return [option(NOTHING, found)]
        return [option(name) for name in found]

    async def _found(
        self, body: Mapping[str, Any], sender: FormSender, origin: FormOrigin
    ) -> tuple[str, ...] | str:
        if refused := await self._admission.to_look(sender.user_id, origin):
            return refused
        return found_by(text(body, "value"), await self._every(body, origin))

    async def _every(self, body: Mapping[str, Any], origin: FormOrigin) -> tuple[str, ...]:
        subject = subject_of(text(body, "block_id"))
        catalogue = self._catalogues.of(origin.organization)
        match text(body, "action_id"):
            case Field.DATABASE:
                return _fit(Thing.DATABASE, await catalogue.databases())
            case Field.BRANCH if origin.database:
                return _fit(Thing.BRANCH, await catalogue.branches(origin.database))
            case Field.TABLES if names.fits(Thing.KEYSPACE, subject) and origin.branch:
                return (await catalogue.tables(origin.database, origin.branch, subject)).names
        return ()


def _fit(thing: Thing, every: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in every if names.fits(thing, name))
