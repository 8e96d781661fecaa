"""How a workflow is named. Only this file and its neighbours know that it is by number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_PAGES: Final = "https://app.planetscale.com"
"""PlanetScale's pages for people. Its API gives no address of a workflow's: this follows its other pages."""


@dataclass(frozen=True, slots=True, order=True)
class WorkflowRef:
    """One workflow at PlanetScale."""

    organization: str
    database: str
    number: int

    @property
    def columns(self) -> Mapping[str, str | int]:
        """The columns of a row that name it."""
        return {"organization": self.organization, "database": self.database, "number": self.number}

    @property
    def page(self) -> str:
        """Where people see it at PlanetScale."""
        place = "/".join(quote(part, safe="") for part in (self.organization, self.database))
        return f"{_PAGES}/{place}/workflows/{self.number}"

    def __str__(self) -> str:
        return f"{self.database} #{self.number}"
