"""Several organizations at PlanetScale, each with its own token and its own request budget."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError


class Organizations:
    """The clients by the name of their organization. What is asked of one never carries another's token."""

    def __init__(self, clients: Mapping[str, PlanetScale], default: str) -> None:
        """`default`: the one that is meant where none is named. Raises `ValueError` if it has no client."""
        if default not in clients:
            msg = "the default organization has no client"
            raise ValueError(msg)
        self._clients = dict(clients)
        self._open = AsyncExitStack()
        self.default = default

    async def __aenter__(self) -> Self:
        for client in self._clients.values():
            await self._open.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.__aexit__(kind, error, trace)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the default one first."""
        return (self.default, *(name for name in self._clients if name != self.default))

    def named(self, organization: str | None) -> str:
        """The organization that is meant by a name, or by none."""
        return organization or self.default

    def of(self, organization: str) -> PlanetScale:
        """The client for an organization.

        Raises `PlanetScaleError` for one that the bot does not work for (any more): nothing was sent.
        """
        if organization not in self._clients:
            raise PlanetScaleError(FailureKind.NOT_OURS, read=False)
        return self._clients[organization]
