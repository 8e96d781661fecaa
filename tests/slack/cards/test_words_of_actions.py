"""Every sentence of every action can be filled in, in whatever situation it is read."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import product
from string import Formatter

import pytest

from bot.slack.cards.operation.phrases import Phrases
from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import ACTIONS, as_asked, moving_in
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State
from tests.builders import a_workflow

MOVED = ((False, False), (True, False), (True, True))
SEEN = [
    a_workflow(state=state.value, replicas_switched=replicas, primaries_switched=primaries)
    for state in State
    for replicas, primaries in MOVED
]
VARIANTS = sorted(
    {as_asked(one.call, seen, kind) for one in ACTIONS for seen in (None, *SEEN) for kind in WorkflowKind},
    key=lambda one: one.before.asks,
)
BY_THE_CARDS = frozenset({"need", "moment"})
"""What is put in before a template is filled in."""


def _templates(words: object) -> Iterator[str]:
    if isinstance(words, str):
        yield words
    elif isinstance(words, tuple):
        for one in words:
            yield from _templates(one)
    elif is_dataclass(words):
        for field in fields(words):
            yield from _templates(getattr(words, field.name))


def _names(words: object) -> set[str]:
    return {name for text in _templates(words) for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("action", VARIANTS, ids=lambda one: one.before.asks)
def test_all_that_words_name_is_known(action: Action) -> None:
    """No sentence of an action names a field that a card cannot fill in."""
    words = (action.before, action.meanwhile, action.after, action.otherwise)
    latest = tuple(action.otherwise.instead(seen) for seen in SEEN)
    unknown = {name for name in _names((words, latest)) if not hasattr(Phrases, name)}
    assert unknown <= BY_THE_CARDS


def test_what_a_live_message_says_meanwhile_is_known_to_it() -> None:
    """What is said while something moves for long can be filled in on the live message, too."""
    for state, only_replicas in product(State, (False, True)):
        action = moving_in(state, only_replicas=only_replicas)
        assert all(hasattr(LiveView, name) for name in _names(action.meanwhile.slow if action else ())), state


def test_all_variants_are_there() -> None:
    """Fifteen finely told ones: each has words of its own."""
    assert len(VARIANTS) == len({one.before.asks for one in VARIANTS}) == 15
