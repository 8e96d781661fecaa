"""One file an action: what a maintainer may rely on who changes one, or adds one."""

import re
from itertools import product
from pathlib import Path

import pytest

import bot
from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import ACTIONS, as_asked, named
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State
from bot.workflows.outcome.proofs import cell
from tests.builders import a_workflow

ROOT = Path(bot.__file__).parent
SOURCES = {path: path.read_text() for path in ROOT.rglob("*.py") if ROOT / "demo" not in path.parents}
MOST_FILES = 6
every_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.to_do)


@every_action
def test_an_action_is_named_in_few_files(action: Action) -> None:
    """Whoever changes an action opens its own file, and at most five others that name it."""
    names = {action.name.name, *([action.call.name] if action.call else [])}
    own = action.name.value.replace("-", "_")
    by_name = rf"\b(?:WorkflowCall|ActionName|W)\.(?:{'|'.join(names)})\b"
    naming = re.compile(rf"{by_name}|\bactions\.{own}\b|\bactions import [^\n]*\b{own}\b")
    found = sorted(str(path.relative_to(ROOT)) for path, text in SOURCES.items() if naming.search(text))
    assert f"workflows/actions/{own}.py" in found
    assert len(found) <= MOST_FILES, found


def test_every_request_is_an_action() -> None:
    """Each request that the bot can make, and each sub-command that acts, leads to one action."""
    assert sorted(one.call.name for one in ACTIONS if one.call) == sorted(call.name for call in WorkflowCall)
    assert {one.name for one in ACTIONS} == set(ActionName)
    assert all(named(one.name, replicas_only=bool(one.flags)) is one for one in ACTIONS)


@every_action
def test_a_variant_is_the_same_request(action: Action) -> None:
    """Whatever the workflow is like, an action stays the same request, of the same sub-command."""
    for seen, kind in product((None, *(a_workflow(state=state.value) for state in State)), WorkflowKind):
        found = as_asked(action.call, seen, kind)
        assert (found.call, found.name, found.flags) == (action.call, action.name, action.flags), (seen, kind)


@every_action
def test_an_action_can_be_proven(action: Action) -> None:
    """Each request on a workflow has a state that proves that it happened."""
    if action.call:
        proofs = {cell(action.call, before, after) for before in State for after in State}
        assert {"H", "Hs"} & proofs
