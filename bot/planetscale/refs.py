"""How a workflow is named. Only this file and its neighbours know that it is by number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

PAGES_HOST: Final = "app.planetscale.com"
"""PlanetScale's pages for people. Its API gives no address of a workflow's: this follows its other pages."""
_PAGES: Final = f"https://{PAGES_HOST}"
_LONGEST_NUMBER: Final = 9
"""Digits."""
_KIND: Final = "workflows"
_PATH: Final = ("", "organization", "database", _KIND, "number")


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
        return f"{_PAGES}/{place}/{_KIND}/{self.number}"

    @classmethod
    def of_page(cls, address: str) -> "WorkflowRef | None":
        """The workflow whose page has this address, whatever follows after a `?` or a `#`.

        `None` for every other address. Whether such names can be is not looked at.
        """
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        path = parts.path.removesuffix("/").split("/")
        if (parts.scheme, parts.netloc.lower()) != ("https", PAGES_HOST) or len(path) != len(_PATH):
            return None
        _, organization, database, kind, number = path
        digits = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
        if kind != _KIND or not digits or not int(number) or not (organization and database):
            return None
        return cls(unquote(organization), unquote(database), int(number))

    def __str__(self) -> str:
        return f"{self.database} #{self.number}"
