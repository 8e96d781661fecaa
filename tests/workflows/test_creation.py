from typing import Any

import pytest

from bot.planetscale.calls import NewWorkflow
from bot.planetscale.models import Actor, Workflow
from bot.subjects.verdicts import Proof
from bot.workflows.facts.states import State
from bot.workflows.outcome.creation import judge_create
from tests.builders import a_workflow

WANTED = NewWorkflow(
    name="users-to-customer",
    branch_name="main",
    source_keyspace="commerce",
    target_keyspace="customer",
    tables=("users",),
)
BOT, DEV = Actor(id="b", display_name="workflow-bot"), Actor(id="d", display_name="Dev")


def created(**differs: Any) -> Workflow:
    """What PlanetScale lists after the create, unless `differs` says otherwise."""
    listed = {"name": "users-to-customer", "number": 8, "state": "pending", "actor": BOT.model_dump()}
    return a_workflow(**listed | differs)


OLD = [a_workflow(), created(number=7)]


@pytest.mark.parametrize("state", State)
def test_a_workflow_that_fits_was_created(state: State) -> None:
    """In whatever state it is by now, the one new workflow that fits is the one."""
    found = judge_create(7, WANTED, BOT, [*OLD, created(state=state)])
    assert found.workflow is not None
    assert found.workflow.number == 8
    assert found.verdict.proof is Proof.HAPPENED


@pytest.mark.parametrize(
    "differs",
    [
        {"number": 7},
        {"name": "users-to-customers"},
        {"branch": {"name": "dev"}},
        {"source_keyspace": {"name": "legacy"}},
        {"target_keyspace": {"name": "catalog"}},
    ],
)
def test_what_does_not_fit_is_not_it(differs: dict[str, Any]) -> None:
    """A workflow that was there before, or of another name, branch or keyspace, is not what was asked for."""
    found = judge_create(7, WANTED, BOT, [*OLD, created(**differs)])
    assert (found.verdict.proof, found.workflow) == (Proof.NOT_SEEN, None)


@pytest.mark.parametrize(
    "new",
    [
        [created(), created(number=9)],
        [created(actor=DEV.model_dump())],
        [created(branch=None)],
        [created(source_keyspace=None)],
    ],
)
def test_doubt_is_conflicting(new: list[Workflow]) -> None:
    """Two that fit, another actor, or a workflow that is not fully reported: a person has to look."""
    assert judge_create(7, WANTED, BOT, [*OLD, *new]).verdict.proof is Proof.CONFLICT


def test_the_other_actor_is_named() -> None:
    """Where somebody else created the same, the outcome says who."""
    assert judge_create(7, WANTED, BOT, [created(actor=DEV.model_dump())]).verdict.done_by == "Dev"


@pytest.mark.parametrize(("own", "actor"), [(None, DEV), (BOT, None)])
def test_an_unknown_actor_is_not_another_one(own: Actor | None, actor: Actor | None) -> None:
    """Where an account is not known, the fit decides."""
    listed = [created(actor=actor.model_dump() if actor else None)]
    assert judge_create(7, WANTED, own, listed).verdict.proof is Proof.HAPPENED


def test_nothing_listed() -> None:
    """An empty list shows no workflow; a list that could not be read, or an unknown state, shows nothing."""
    assert judge_create(0, WANTED, BOT, []).verdict.proof is Proof.NOT_SEEN
    assert judge_create(0, WANTED, BOT, None).verdict.proof is Proof.NO_VERDICT
    assert judge_create(0, WANTED, BOT, [created(state="new")]).verdict.proof is Proof.NO_VERDICT
