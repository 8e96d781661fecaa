"""How a workflow is named. Only this file and its neighbours know that it is by number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class WorkflowRef:
    """One workflow at PlanetScale."""

    organization: str
    database: str
    number: int

    def __str__(self) -> str:
        return f"{self.database} #{self.number}"
