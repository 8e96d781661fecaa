"""What the PlanetScale API answers, as typed models.

Lenient on what comes in: unknown fields are ignored, and every part that the API does not promise may be
missing (`None` means "not reported", never zero). A part of the wrong type fails the whole read, because a
half-understood answer must not be shown as the truth. What comes through is safe to reckon with: times are in
UTC, counts fit 64 bits, and lists are bounded.
Source: the public API reference of the workflow endpoints and the public CLI's own client.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.planetscale.discretion import without_row_values

MOST_PARTS = 100_000
"""Tables times shards of the largest workflow anybody may have, and then some."""


_EARLIEST, _LATEST = 2000, 2200


def _in_utc(moment: datetime) -> datetime | None:
    """The moment in UTC. One that is no calendar date of this service is "not reported"."""
    if not _EARLIEST <= moment.year <= _LATEST:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _plausible(most: float) -> AfterValidator:
    """A number nobody could mean counts as not reported: it is no reason to withhold the rest."""
    return AfterValidator(lambda number: number if 0 <= number <= most else None)


Part = TypeVar("Part")
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Discreet = Annotated[str, AfterValidator(without_row_values)]
"""A text of PlanetScale's without the values of rows that it may quote."""
Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
Percent = Annotated[float, Field(allow_inf_nan=False), _plausible(1000)]
Seconds = Annotated[float, Field(allow_inf_nan=False), _plausible(10 * 366 * 86_400)]
Many = Annotated[tuple[Part, ...], Field(max_length=MOST_PARTS, fail_fast=True)]


class Model(BaseModel):
    """Frozen, and blind to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Actor(Model):
    """Who did something, as PlanetScale names them: an account there, not a person in Slack."""

    id: str | None = None
    display_name: str | None = None


class Named(Model):
    """A branch or keyspace as a workflow refers to it: an object, or the bare name."""

    id: str | None = None
    name: str

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class StreamLog(Model):
    """One message of a stream."""

    id: int | str | None = None
    state: str | None = None
    message: Discreet | None = None
    log_type: str | None = None
    created_at: Moment | None = None


class Stream(Model):
    """One VReplication stream from a source shard to a target shard."""

    id: int | str | None = None
    state: str | None = None
    target_shard: str | None = None
    source_shard: str | None = None
    position: str | None = None
    stop_position: str | None = None
    rows_copied: Count | None = None
    component_throttled: str | None = None
    component_throttled_at: Moment | None = None
    primary_serving: bool | None = None
    info: Discreet | None = None
    logs: Many[StreamLog] | None = None


class Table(Model):
    """One table that a workflow moves. A table that was just listed can carry its name alone."""

    id: str | None = None
    name: str
    rows_copied: Count | None = None
    rows_total: Count | None = None
    rows_percentage: Percent | None = None


class TableReport(Model):
    """What a verification found in one table on one shard. The API's row samples are left out on purpose."""

    table_name: str | None = None
    shard: str | None = None
    mismatched_rows_count: Count | None = None
    extra_source_rows_count: Count | None = None
    extra_target_rows_count: Count | None = None


class VDiff(Model):
    """The last verification."""

    id: str | None = None
    state: str | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    has_mismatch: bool | None = None
    progress_percentage: Percent | None = None
    eta_seconds: Seconds | None = None
    table_reports: Many[TableReport] | None = None


class Workflow(Model):
    """A workflow as read at a moment. `streams`, `tables` and `vdiff` are not promised in a list."""

    id: str | None = None
    name: str
    number: Count
    state: str
    created_at: Moment | None = None
    updated_at: Moment | None = None
    workflow_type: str | None = None
    workflow_subtype: str | None = None
    replicas_switched: bool | None = None
    primaries_switched: bool | None = None
    defer_secondary_keys: bool | None = None
    on_ddl: str | None = None
    may_retry: bool | None = None
    may_restart: bool | None = None
    verified_data_stale: bool | None = None
    sequence_tables_applied: bool | None = None
    branch: Named | None = None
    source_keyspace: Named | None = None
    target_keyspace: Named | None = None
    global_keyspace: Named | None = None
    actor: Actor | None = None
    workflow_errors: Discreet | None = None

    started_at: Moment | None = None
    completed_at: Moment | None = None
    cancelled_at: Moment | None = None
    reversed_at: Moment | None = None
    retried_at: Moment | None = None
    data_copy_completed_at: Moment | None = None
    cutover_at: Moment | None = None
    switch_replicas_at: Moment | None = None
    switch_primaries_at: Moment | None = None
    verify_data_at: Moment | None = None

    verify_data_by: Actor | None = None
    reversed_by: Actor | None = None
    switch_replicas_by: Actor | None = None
    switch_primaries_by: Actor | None = None
    cancelled_by: Actor | None = None
    completed_by: Actor | None = None
    retried_by: Actor | None = None
    cutover_by: Actor | None = None
    reversed_cutover_by: Actor | None = None

    streams: Many[Stream] | None = None
    tables: Many[Table] | None = None
    vdiff: VDiff | None = None


class Keyspace(Model):
    """A keyspace of a branch."""

    id: str | None = None
    name: str
    shards: Count | None = None
    sharded: bool | None = None
    ready: bool | None = None
    resizing: bool | None = None
    imported: bool | None = None


class VSchema(Model):
    """A keyspace's VSchema, as the JSON text it is."""

    raw: str | None = None


class Branch(Model):
    """A branch of a database."""

    id: str | None = None
    name: str
    production: bool | None = None
    ready: bool | None = None
    safe_migrations: bool | None = None


class SchemaTable(Model):
    """One table of a keyspace's schema."""

    name: str
    raw: str | None = None


class Backup(Model):
    """A backup of a branch."""

    id: str | None = None
    name: str | None = None
    state: str | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None


class Database(Model):
    """A database of an organization."""

    id: str | None = None
    name: str
    state: str | None = None


class Organization(Model):
    """An organization that the token may see."""

    id: str | None = None
    name: str
