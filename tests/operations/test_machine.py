"""Promises 1, 2 and 4 against what people, PlanetScale, Slack and a dying process can do at once.

A state machine over the real engine, the real client and the small PlanetScale, and over the bot's edge to
Slack: commands, cards, the create form, Home, next steps. Many people ask and press; clients that are not
Slack's send forms and presses that nobody was shown; time passes, the API fails in every way it knows, Slack
goes silent, somebody works past the bot, and the process is killed at any transaction or request. After every
step an oracle, which knows nothing of the bot's rules, judges what was sent
(`tests/operations/machine/oracle.py`).

The test runs a fixed set of examples. The thorough run takes new ones each time and prints its seed:

    WORKFLOW_BOT_SOAK=10000 pytest -s tests/operations/test_machine.py

`WORKFLOW_BOT_SOAK` is the number of steps, `WORKFLOW_BOT_SOAK_SEED` repeats a run. The rules are in
`tests/operations/machine/`: `troubles.py`, `asking.py` (people at the engine), `visiting.py` (at the edge).
"""

import logging
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.machine.visiting import Visiting as Machine
from tests.store.databases import new_file


@contextmanager
def quietly() -> Iterator[list[str]]:
    """Without the log; what the worker's edge had to catch is collected: an error that nobody foresaw."""
    caught: list[str] = []

    def keep(_: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        unforeseen = event.get("event") == "round_failed" and "exception" in event
        if unforeseen or event.get("event") in {"step_failed", "set_aside", "answer_failed"}:
            caught.append(f"{method}: {event}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, keep])
    logging.disable(logging.CRITICAL)
    try:
        yield caught
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A database with its tables and nothing in them."""
    return new_file(tmp_path, "template.sqlite3")


def machines(template: Path, tally: Counter[str]) -> Callable[[], Machine]:
    """A factory of machines, each with a database of its own."""

    def machine() -> Machine:
        return Machine(template, template.parent, tally)

    return machine


def profile(examples: int, steps: int, *, fixed: bool) -> settings:
    """How long, how deep, and whether it is the same each time."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=fixed,
        database=None,
        deadline=None,
        print_blob=True,
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )


def test_no_order_of_events_breaks_a_promise(template: Path) -> None:
    """Whatever happens in whatever order, nothing is sent without consent or twice, nothing stranded."""
    tally: Counter[str] = Counter()
    with quietly() as caught:
        run_state_machine_as_test(machines(template, tally), settings=profile(7, 32, fixed=True))  # type: ignore[arg-type]  # documented: anything that returns a machine
    assert not caught
    assert tally["requests"], "something has to have been sent"
    assert tally["asked by view_submission"], "by a form, too"
    assert tally["asked by block_actions"], "and by next steps"
    assert tally["pressed at the edge"], "and something pressed"


@pytest.mark.skipif("WORKFLOW_BOT_SOAK" not in os.environ, reason="WORKFLOW_BOT_SOAK=10000 runs it")
def test_thousands_of_events_break_no_promise(template: Path) -> None:
    """The same for as many steps as `WORKFLOW_BOT_SOAK` says, with new examples each time."""
    wanted = int(os.environ["WORKFLOW_BOT_SOAK"])
    first = int(os.environ.get("WORKFLOW_BOT_SOAK_SEED") or random.SystemRandom().randrange(10**6))
    examples = min(400, 1 + wanted // 25)
    tally: Counter[str] = Counter()
    began, nth = time.monotonic(), 0
    with quietly() as caught:
        while tally["steps"] < wanted:
            print(f"seed {first + nth}: {tally['steps']} steps", flush=True)  # noqa: T201 - for whoever watches
            factory = seed(first + nth)(machines(template, tally))
            run_state_machine_as_test(factory, settings=profile(examples, 25, fixed=False))  # type: ignore[arg-type]  # as above
            nth += 1
    print(f"{time.monotonic() - began:.0f} s", dict(sorted(tally.items())))  # noqa: T201
    assert not caught
