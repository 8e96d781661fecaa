"""What the bot may ask PlanetScale to change. Strict: what goes out is exactly this."""

from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=255)]


class NewWorkflow(BaseModel):
    """The body of a create. `global_keyspace` is left out of it when it is `None`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    branch_name: Name
    source_keyspace: Name
    target_keyspace: Name
    tables: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
    global_keyspace: Name | None = None
    defer_secondary_keys: bool = True
    on_ddl: Literal["STOP", "EXEC", "EXEC_IGNORE", "IGNORE"] = "STOP"

    @property
    def names(self) -> frozenset[str]:
        """Every name in it."""
        names = (
            self.name,
            self.branch_name,
            self.source_keyspace,
            self.target_keyspace,
            self.global_keyspace,
        )
        return frozenset(name for name in (*names, *self.tables) if name)


class WorkflowCall(Enum):
    """A change of one workflow: the method, and what follows the workflow's path."""

    VERIFY_DATA = ("PATCH", "/verify-data")
    SWITCH_REPLICAS = ("PATCH", "/switch-replicas")
    SWITCH_PRIMARIES = ("PATCH", "/switch-primaries")
    REVERSE_TRAFFIC = ("PATCH", "/reverse-traffic")
    CUTOVER = ("PATCH", "/cutover")
    REVERSE_CUTOVER = ("PATCH", "/reverse-cutover")
    COMPLETE = ("PATCH", "/complete")
    RETRY = ("PATCH", "/retry")
    CANCEL = ("DELETE", "")

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.value[0]

    @property
    def path(self) -> str:
        """What comes after the workflow's number."""
        return self.value[1]
