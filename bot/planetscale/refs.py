"""How a workflow is named. Only this file and its neighbours know that it is by number."""

from collections.abc import Mapping
from dataclasses import dataclass


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

    def __str__(self) -> str:
        return f"{self.database} #{self.number}"
