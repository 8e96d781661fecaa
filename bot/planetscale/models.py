"""What the PlanetScale API answers, as typed models.

Lenient on what comes in: unknown fields are ignored, every part that the API does not promise may be missing,
and a part that makes no sense (a wrong type, a count below zero, a date in another age) counts as missing:
`None` is "not reported", never zero. So that no odd part can hide the others, each of them is `Lenient`.
Strict are only the parts without which nothing is known: which workflow it is, its state, and the flags that
say who serves traffic. What comes through is safe to reckon with: times are in UTC, counts fit 64 bits, lists
are bounded, and texts hold no values of rows.
Source: the public API reference of the workflow endpoints and the public CLI's own client.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from bot.planetscale.discretion import without_row_values

MOST_PARTS = 100_000
"""Tables times shards of the largest workflow anybody may have, and then some."""


_EARLIEST, _LATEST = 2000, 2200


def _in_utc(moment: datetime) -> datetime:
    """The moment in UTC. One that is no calendar date of this service makes no sense."""
    if not _EARLIEST <= moment.year <= _LATEST:
        msg = "not a date of this service"
        raise ValueError(msg)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        msg = "a flag is no number and no time"
        raise ValueError(msg)
    return value


class _OrNotReported:
    """What does not fit is `None`, and noted. Python is asked only then: most parts fit."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        fits = handler(source)
        not_reported = core_schema.with_info_plain_validator_function(_not_reported)
        return core_schema.union_schema([fits, not_reported], mode="left_to_right")


def _not_reported(_value: Any, info: ValidationInfo) -> None:
    _note(info)


def _or_empty(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    try:
        return handler(value)
    except ValidationError:
        _note(info)
        return handler({})


def _or_one_empty(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    try:
        return handler(value)
    except ValidationError:
        _note(info)
        return handler([{}])


def _note(info: ValidationInfo) -> None:
    """A set as context is filled with the names of the fields that were not understood."""
    if isinstance(info.context, set):
        info.context.add(info.field_name or "an item")


Part = TypeVar("Part")
Lenient = Annotated[Part | None, _OrNotReported()]
"""A part that the rest of an answer does not depend on."""
Number = BeforeValidator(_no_flag)
Moment = Annotated[datetime, Number, AfterValidator(_in_utc)]
Count = Annotated[int, Number, Field(ge=0, le=2**63 - 1)]
Percent = Annotated[float, Number, Field(allow_inf_nan=False, ge=0, le=1000)]
Seconds = Annotated[float, Number, Field(allow_inf_nan=False, ge=0, le=10 * 366 * 86_400)]
Many = Annotated[tuple[Part, ...], Field(max_length=MOST_PARTS, fail_fast=True)]


class Model(BaseModel):
    """Frozen, and blind to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Actor(Model):
    """Who did something, as PlanetScale names them: an account there, not a person in Slack."""

    id: Lenient[str] = None
    display_name: Lenient[str] = None


class Named(Model):
    """A branch or keyspace as a workflow refers to it: an object, or the bare name."""

    id: Lenient[str] = None
    name: str

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class StreamLog(Model):
    """One message of a stream."""

    id: Lenient[int | str] = None
    state: Lenient[str] = None
    message: Lenient[str] = None
    """As it came, until the whole workflow is read: see `Workflow`."""
    log_type: Lenient[str] = None
    created_at: Lenient[Moment] = None


class Stream(Model):
    """One VReplication stream from a source shard to a target shard."""

    id: Lenient[int | str] = None
    state: Lenient[str] = None
    target_shard: Lenient[str] = None
    source_shard: Lenient[str] = None
    position: Lenient[str] = None
    stop_position: Lenient[str] = None
    rows_copied: Lenient[Count] = None
    component_throttled: Lenient[str] = None
    component_throttled_at: Lenient[Moment] = None
    primary_serving: Lenient[bool] = None
    info: Lenient[str] = None
    """As it came, until the whole workflow is read: see `Workflow`."""
    logs: Lenient[Many[StreamLog]] = None


class Table(Model):
    """One table that a workflow moves. A table that was just listed can carry its name alone."""

    id: Lenient[str] = None
    name: str
    rows_copied: Lenient[Count] = None
    rows_total: Lenient[Count] = None
    rows_percentage: Lenient[Percent] = None


class TableReport(Model):
    """What a verification found in one table on one shard. The API's row samples are left out on purpose."""

    table_name: Lenient[str] = None
    shard: Lenient[str] = None
    mismatched_rows_count: Lenient[Count] = None
    extra_source_rows_count: Lenient[Count] = None
    extra_target_rows_count: Lenient[Count] = None


class VDiff(Model):
    """The last verification."""

    id: Lenient[str] = None
    state: Lenient[str] = None
    started_at: Lenient[Moment] = None
    completed_at: Lenient[Moment] = None
    has_mismatch: Lenient[bool] = None
    progress_percentage: Lenient[Percent] = None
    eta_seconds: Lenient[Seconds] = None
    table_reports: Annotated[
        Many[Annotated[TableReport, WrapValidator(_or_empty)]] | None, WrapValidator(_or_one_empty)
    ] = None
    """A report that makes no sense stands as one that knows nothing: it must not look like no report."""


class Workflow(Model):
    """A workflow as read at a moment. `streams`, `tables` and `vdiff` are not promised in a list.

    Its texts hold no values of rows. The names of its keyspaces, tables and shards stay in them, so these
    come first: the order of the fields counts.
    """

    id: Lenient[str] = None
    name: str
    number: Count
    state: str
    created_at: Lenient[Moment] = None
    updated_at: Lenient[Moment] = None
    workflow_type: Lenient[str] = None
    workflow_subtype: Lenient[str] = None
    replicas_switched: bool | None = None
    primaries_switched: bool | None = None
    defer_secondary_keys: Lenient[bool] = None
    on_ddl: Lenient[str] = None
    may_retry: Lenient[bool] = None
    may_restart: Lenient[bool] = None
    verified_data_stale: Lenient[bool] = None
    sequence_tables_applied: Lenient[bool] = None
    branch: Lenient[Named] = None
    source_keyspace: Lenient[Named] = None
    target_keyspace: Lenient[Named] = None
    global_keyspace: Lenient[Named] = None
    actor: Lenient[Actor] = None

    started_at: Lenient[Moment] = None
    completed_at: Lenient[Moment] = None
    cancelled_at: Lenient[Moment] = None
    reversed_at: Lenient[Moment] = None
    retried_at: Lenient[Moment] = None
    data_copy_completed_at: Lenient[Moment] = None
    cutover_at: Lenient[Moment] = None
    switch_replicas_at: Lenient[Moment] = None
    switch_primaries_at: Lenient[Moment] = None
    verify_data_at: Lenient[Moment] = None

    verify_data_by: Lenient[Actor] = None
    reversed_by: Lenient[Actor] = None
    switch_replicas_by: Lenient[Actor] = None
    switch_primaries_by: Lenient[Actor] = None
    cancelled_by: Lenient[Actor] = None
    completed_by: Lenient[Actor] = None
    retried_by: Lenient[Actor] = None
    cutover_by: Lenient[Actor] = None
    reversed_cutover_by: Lenient[Actor] = None

    tables: Lenient[Many[Table]] = None
    """All of them or `None`: some would look like all."""
    vdiff: Lenient[VDiff] = None
    streams: Lenient[Many[Stream]] = None
    workflow_errors: Lenient[str] = None

    def is_as(self, other: "Workflow") -> bool:
        """Whether state and flags are those of another read: nothing that an action changes differs."""
        mine, theirs = ((one.state, one.replicas_switched, one.primaries_switched) for one in (self, other))
        return mine == theirs

    @field_validator("workflow_errors")
    @classmethod
    def _errors_without_values(cls, text: str | None, info: ValidationInfo) -> str | None:
        return text and without_row_values(text, _names(info.data))

    @field_validator("streams")
    @classmethod
    def _streams_without_values(
        cls, streams: tuple[Stream, ...] | None, info: ValidationInfo
    ) -> tuple[Stream, ...] | None:
        names = frozenset((*_names(info.data), *_shards(streams)))
        return streams and tuple(_without_values(stream, names) for stream in streams)


def _names(read: dict[str, Any]) -> frozenset[str]:
    """The names in what was read of a workflow so far."""
    named = (read.get(part) for part in ("branch", "source_keyspace", "target_keyspace", "global_keyspace"))
    parts = (*named, *(read.get("tables") or ()))
    own = (read.get("name"), f"#{read.get('number')}")
    return frozenset(
        filter(None, (*own, *(part.name for part in parts if part), *_shards(read.get("streams"))))
    )


def _shards(streams: tuple[Stream, ...] | None) -> Iterator[str]:
    for stream in streams or ():
        yield from filter(None, (stream.target_shard, stream.source_shard))


def _without_values(stream: Stream, names: frozenset[str]) -> Stream:
    if not (stream.info or stream.logs):
        return stream
    logs = stream.logs and tuple(
        log.model_copy(update={"message": log.message and without_row_values(log.message, names)})
        for log in stream.logs
    )
    info = stream.info and without_row_values(stream.info, names)
    return stream.model_copy(update={"info": info, "logs": logs})


class Keyspace(Model):
    """A keyspace of a branch."""

    id: Lenient[str] = None
    name: str
    shards: Lenient[Count] = None
    sharded: Lenient[bool] = None
    ready: Lenient[bool] = None
    resizing: Lenient[bool] = None
    imported: Lenient[bool] = None


class VSchema(Model):
    """A keyspace's VSchema, as the JSON text it is."""

    raw: Lenient[str] = None


class Branch(Model):
    """A branch of a database."""

    id: Lenient[str] = None
    name: str
    production: Lenient[bool] = None
    ready: Lenient[bool] = None
    safe_migrations: Lenient[bool] = None


class SchemaTable(Model):
    """One table of a keyspace's schema."""

    name: str
    raw: Lenient[str] = None


class Backup(Model):
    """A backup of a branch."""

    id: Lenient[str] = None
    name: Lenient[str] = None
    state: Lenient[str] = None
    started_at: Lenient[Moment] = None
    completed_at: Lenient[Moment] = None


class DatabaseInfo(Model):
    """A database of an organization."""

    id: Lenient[str] = None
    name: str
    state: Lenient[str] = None


class OrganizationInfo(Model):
    """An organization that the token may see."""

    id: Lenient[str] = None
    name: str
