"""Putting a workflow into the world in any state at once, with the history that leads there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.demo.planetscale import machine
from bot.demo.planetscale.copying import copy_seconds, seconds_to
from bot.demo.planetscale.rules import RULES, usual_pace
from bot.demo.planetscale.world import (
    ACTORS,
    TIMES,
    Actor,
    Branch,
    Database,
    Keyspace,
    Mutation,
    State,
    Table,
    VDiff,
    Workflow,
    World,
    ident,
)

ANA = Actor("ana@acme.example")
"""Who did what nobody else is named for."""

LIFE = (
    State.PENDING,
    State.COPYING,
    State.RUNNING,
    State.VERIFIED_DATA,
    State.SWITCHED_REPLICAS,
    State.SWITCHED_PRIMARIES,
    State.CUTOVER,
    State.REVERSED_CUTOVER,
    State.COMPLETED,
)
UNDER_WAY = {
    State.VERIFYING_DATA: (State.RUNNING, Mutation.VERIFY_DATA),
    State.SWITCHING_REPLICAS: (State.VERIFIED_DATA, Mutation.SWITCH_REPLICAS),
    State.SWITCHING_PRIMARIES: (State.SWITCHED_REPLICAS, Mutation.SWITCH_PRIMARIES),
    State.REVERSING_TRAFFIC: (State.SWITCHED_PRIMARIES, Mutation.REVERSE_TRAFFIC),
    State.REVERSING_TRAFFIC_FOR_CANCEL: (State.SWITCHED_REPLICAS, Mutation.CANCEL),
    State.CUTTING_OVER: (State.SWITCHED_PRIMARIES, Mutation.CUTOVER),
    State.CANCELLING: (State.COPYING, Mutation.CANCEL),
}
"""The states that something is done in: where it began, and what is done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which workflow to put into which state, and what it moves: orders, if nothing is said."""

    database: str
    number: int
    state: State
    ago: timedelta
    """How long it has been in that state."""
    percent: float = 41.0
    """How much of the rows is copied, for the states in which a copy is not finished."""
    name: str = "orders-to-customer"
    branch: str = "main"
    source: str = "commerce"
    target: str = "customer"
    source_shards: tuple[str, ...] = ("-",)
    target_shards: tuple[str, ...] = ("-80", "80-")
    tables: Mapping[str, int | tuple[int, int]] | None = None
    """Rows by table, or rows and what the statistics say; two large tables if nothing is said."""
    imported: bool = False
    actor: Actor = ANA

    def moved(self) -> tuple[Table, ...]:
        tables = {"orders": 620_000_000, "line_items": 390_000_000} if self.tables is None else self.tables
        pairs = ((name, rows if isinstance(rows, tuple) else (rows, rows)) for name, rows in tables.items())
        return tuple(Table(name, actual, estimate) for name, (actual, estimate) in pairs)


def build(world: World, now: datetime, plan: Plan, **overrides: Any) -> Workflow:
    """Put a workflow into the world, with the history that leads to its state.

    A copying workflow has been at it as long as its percentage takes, whatever `ago` says. Whatever database,
    branch, keyspaces and tables it needs are added. `overrides` set fields of the plan and of the workflow,
    and times and actors by their API name; an unknown one raises `TypeError`.
    """
    planned = set(Plan.__dataclass_fields__)
    plan = replace(plan, **{name: value for name, value in overrides.items() if name in planned})
    rest = {name: value for name, value in overrides.items() if name not in planned}
    tables = plan.moved()
    home = furnish(world, plan, tables)
    workflow = Workflow(
        database=plan.database,
        number=plan.number,
        name=plan.name,
        branch=plan.branch,
        source=plan.source,
        target=plan.target,
        source_shards=plan.source_shards,
        target_shards=plan.target_shards,
        tables=tables,
        actor=plan.actor,
        created_at=now,
        state=State.PENDING,
        since=now,
        imported=plan.imported,
    )
    for name, value in rest.items():  # some decide how long the copy takes
        _override(workflow, name, value)
    _bring_to(workflow, plan, now)
    for name, value in rest.items():  # and the others have the last word
        _override(workflow, name, value)
    home.workflows[plan.number] = workflow
    return workflow


def _override(workflow: Workflow, name: str, value: object) -> None:
    if name in TIMES and isinstance(value, datetime):
        workflow.times[name] = value
    elif name in ACTORS and isinstance(value, Actor):
        workflow.by[name] = value
    elif name in Workflow.__dataclass_fields__:
        setattr(workflow, name, value)
    else:
        msg = f"a workflow has no {name} that could be {value!r}"
        raise TypeError(msg)


def furnish(world: World, plan: Plan, tables: tuple[Table, ...]) -> Database:
    """The database with the branch, keyspaces and tables that a plan needs; what is there stays as it is."""
    database = world.databases.setdefault(plan.database, Database(plan.database))
    branch = database.branches.setdefault(plan.branch, Branch(plan.branch))
    source = Keyspace(plan.source, plan.source_shards, imported=plan.imported)
    source = branch.keyspaces.setdefault(plan.source, source)
    target = branch.keyspaces.setdefault(plan.target, Keyspace(plan.target, plan.target_shards))
    for table in tables:
        source.tables.setdefault(table.name, table.rows)
    target.vschema_only = tuple(dict.fromkeys([*target.vschema_only, *(table.name for table in tables)]))
    return database


def _bring_to(workflow: Workflow, plan: Plan, now: datetime) -> None:
    state, at, percent = plan.state, now - plan.ago, plan.percent
    if state in UNDER_WAY:
        before, mutation = UNDER_WAY[state]
        if before is State.COPYING:
            _copy_since(workflow, at, percent)
        else:
            _live_to(workflow, before, at - timedelta(hours=2))
        machine.take(workflow, mutation, workflow.actor, at, machine.Terms(usual_pace()))
        if state is State.CANCELLING:
            workflow.state = state
    elif state in {State.ERROR, State.STOPPED, State.CANCELLED}:
        _copy_since(workflow, at, percent)
        _break(workflow, state, at)
    elif state is State.COPYING:
        _copy_since(workflow, now, percent)
    elif state is State.PENDING:
        workflow.created_at = workflow.since = at
        workflow.due = at + timedelta(seconds=workflow.start_seconds)
    else:
        _live_to(workflow, state, at)


def _copy_since(workflow: Workflow, at: datetime, percent: float) -> None:
    """Copying, with `percent` of the rows there at the moment `at`."""
    seconds = seconds_to(workflow, percent)
    _start(workflow, at - timedelta(seconds=seconds))
    machine.start_copying(workflow, at, seconds)
    workflow.since = workflow.times["started_at"]


def _start(workflow: Workflow, at: datetime) -> None:
    workflow.times["started_at"], workflow.has_copies = at, True
    workflow.created_at = at - timedelta(seconds=workflow.start_seconds)


def _break(workflow: Workflow, state: State, at: datetime) -> None:
    if state is State.ERROR:
        machine.fail(workflow, at, "Duplicate entry '20931' for key 'line_items.PRIMARY'")
    elif state is State.STOPPED:
        machine.stop(workflow, at, f"Table '{workflow.tables[0].name}': DDL encountered, stopping")
    else:
        machine.stand_still(workflow, at)
        workflow.state, workflow.since, workflow.due, workflow.has_copies = state, at, None, False
        workflow.times["cancelled_at"], workflow.by["cancelled_by"] = at, workflow.actor


def _live_to(workflow: Workflow, state: State, at: datetime) -> None:
    """A life without incidents that reaches `state` at the moment `at`."""
    skipped = {State.REVERSED_CUTOVER} if state is State.COMPLETED else set()
    stages = [stage for stage in LIFE[: LIFE.index(state) + 1] if stage not in skipped]
    if workflow.imported:
        stages = [stage for stage in stages if stage is not State.CUTOVER]
    moments = {}
    moment = at
    for stage in reversed(stages):
        moments[stage] = moment
        moment -= _before(workflow, stage)
    for stage in stages:
        _reach(workflow, stage, moments[stage])
    workflow.state, workflow.since, workflow.due = state, at, None


def _before(workflow: Workflow, stage: State) -> timedelta:
    """How long it took from the stage before to this one."""
    if stage is State.RUNNING:
        return timedelta(seconds=copy_seconds(workflow))
    if stage is State.VERIFIED_DATA:
        return timedelta(seconds=workflow.verify_seconds + 600)
    return timedelta(hours=2)


def _reach(workflow: Workflow, stage: State, at: datetime) -> None:
    match stage:
        case State.COPYING:
            _start(workflow, at)
        case State.RUNNING:
            workflow.banked = copy_seconds(workflow)
            workflow.times["data_copy_completed_at"] = at
        case State.VERIFIED_DATA:
            began = at - timedelta(seconds=workflow.verify_seconds)
            workflow.times["verify_data_at"], workflow.by["verify_data_by"] = began, workflow.actor
            diff = VDiff(ident("vdiff", workflow.database, workflow.number), began, at, "completed")
            workflow.vdiff = diff
        case State.SWITCHED_REPLICAS | State.SWITCHED_PRIMARIES | State.CUTOVER:
            mutation = {
                State.SWITCHED_REPLICAS: Mutation.SWITCH_REPLICAS,
                State.SWITCHED_PRIMARIES: Mutation.SWITCH_PRIMARIES,
                State.CUTOVER: Mutation.CUTOVER,
            }[stage]
            stamp = RULES[mutation].stamp
            workflow.times[f"{stamp}_at"], workflow.by[f"{stamp}_by"] = at, workflow.actor
            machine.take_effect(workflow, mutation, workflow.actor, at)
        case State.REVERSED_CUTOVER:
            workflow.by["reversed_cutover_by"] = workflow.actor
        case State.COMPLETED:
            workflow.times["completed_at"], workflow.by["completed_by"] = at, workflow.actor
