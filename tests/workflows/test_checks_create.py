from datetime import timedelta
from typing import Any

import pytest

from bot.planetscale.models import Branch, SchemaTable
from bot.subjects.findings import Level
from bot.workflows.checks.check_run import run_checks
from bot.workflows.checks.facts import CreateFacts, OpenRequest, RequestStage
from tests.builders import NOW, a_workflow
from tests.workflows.checking import COMMERCE, CUSTOMER, LOOKUP, NEW, creating, found, sentences

BLOCK, WARN, INFO = Level.BLOCK, Level.WARN, Level.INFO
UNREAD = "PlanetScale could not be read, so nothing could be checked. Try again."
RESIZING = CUSTOMER.model_copy(update={"resizing": True})
NOT_READY = COMMERCE.model_copy(update={"ready": False})


def active(state: str, **differs: Any) -> dict[str, Any]:
    return {"workflows": (a_workflow(state=state, **differs),)}


def other(stage: RequestStage, **differs: Any) -> dict[str, Any]:
    asked = NOW - timedelta(minutes=9)
    return {"others": (OpenRequest("Ben", NEW.model_copy(update=differs), asked, stage),)}


@pytest.mark.parametrize(
    ("level", "sentence", "about", "passes"),
    [
        (BLOCK, UNREAD, creating(workflows=None), None),
        (BLOCK, UNREAD, creating(branches=None), None),
        (BLOCK, UNREAD, creating(keyspaces=None), None),
        (
            BLOCK,
            "main has workflow #3 already (cut over, not completed). One at a time: complete it first.",
            creating(**active("cutover")),
            "main has no other active workflow",
        ),
        (
            BLOCK,
            "main has workflow #3 already (copying). One at a time: complete or cancel it first.",
            creating(**active("copying")),
            "main has no other active workflow",
        ),
        (
            BLOCK,
            "main has workflow #3 already (`resharding`). One at a time: complete or cancel it first.",
            creating(**active("resharding")),
            None,
        ),
        (
            BLOCK,
            "There is no branch `mian` in shop. Did you mean `main`?",
            creating({"branch_name": "mian"}),
            "There is a branch main",
        ),
        (
            BLOCK,
            "There is no keyspace `custmer` in main. Did you mean `customer`?",
            creating({"target_keyspace": "custmer"}),
            "There are keyspaces commerce, customer and lookup",
        ),
        (
            BLOCK,
            "There is no keyspace `x` in main. It has `commerce`, `customer` and `lookup`.",
            creating({"global_keyspace": "x"}),
            None,
        ),
        (
            BLOCK,
            "There is no table `line_item` in commerce. Did you mean `line_items`?",
            creating({"tables": ("orders", "line_item")}),
            "commerce has orders and line_items",
        ),
        (
            BLOCK,
            "Source and target are the same keyspace.",
            creating({"target_keyspace": "commerce"}),
            "Source and target are two keyspaces",
        ),
        (
            BLOCK,
            "customer is not ready.",
            creating(keyspaces=(COMMERCE, RESIZING, LOOKUP)),
            "No keyspace is being changed",
        ),
        (BLOCK, "commerce is not ready.", creating(keyspaces=(NOT_READY, CUSTOMER, LOOKUP)), None),
        (
            BLOCK,
            "Safe migrations are off on main; workflows need them.",
            creating(branches=(Branch(name="main", safe_migrations=False),)),
            "main has safe migrations",
        ),
        (
            BLOCK,
            "The global keyspace must be unsharded and not the target.",
            creating({"global_keyspace": "customer"}),
            "lookup can be the global keyspace",
        ),
        (
            BLOCK,
            "The global keyspace must be unsharded and not the target.",
            creating({"target_keyspace": "lookup"}),
            None,
        ),
        (
            BLOCK,
            "The global keyspace is only for moves from an unsharded to a sharded keyspace.",
            creating(keyspaces=(COMMERCE.model_copy(update={"sharded": True}), CUSTOMER, LOOKUP)),
            "lookup can be the global keyspace",
        ),
        (
            WARN,
            "customer's VSchema has no vindex for line_items.",
            creating(target_vschema='{"tables": {"orders": {"column_vindexes": [{}]}, "line_items": {}}}'),
            "customer's VSchema has a vindex for every table",
        ),
        (
            WARN,
            "customer's VSchema has no vindex for orders and line_items.",
            creating(target_vschema='{"tables": []}'),
            None,
        ),
        (INFO, "customer's VSchema could not be read.", creating(target_vschema=None), None),
        (INFO, "The tables of commerce could not be read.", creating(source_tables=None), None),
        (
            WARN,
            "A workflow named `orders-to-customer` exists already; "
            "after a time-out the two could not be told apart.",
            creating({"name": "orders-to-customer"}),
            "No other workflow has this name",
        ),
        (INFO, "PlanetScale checks the rest when it creates it.", creating(), None),
        (
            BLOCK,
            "The outcome of Ben's create on main is not known yet.",
            creating(**other(RequestStage.UNKNOWN, name="another")),
            "No request is running",
        ),
        (
            BLOCK,
            "Ben asked for the same at 02:05 UTC.",
            creating(**other(RequestStage.WAITING)),
            "Nobody else asks for this",
        ),
    ],
)
def test_a_check_of_create(level: Level, sentence: str, about: CreateFacts, passes: str | None) -> None:
    """Each finding has exactly these words and this weight in its situation, and is gone when all is well."""
    finding = found(about, sentence)
    assert finding is not None
    assert finding.level is level
    if level is not INFO:
        assert found(creating(), sentence) is None
    if passes is not None:
        assert found(creating(), passes) is not None
        assert found(about, passes) is None


def test_when_all_is_well() -> None:
    """In a healthy situation nothing is warned about or blocked."""
    report = run_checks(creating())
    assert report.blocks == ()
    assert report.warnings == ()


@pytest.mark.parametrize(
    "differs",
    [
        active("copying", branch={"name": "dev"}),
        active("cancelled"),
        other(RequestStage.UNKNOWN, branch_name="dev"),
        other(RequestStage.WAITING, tables=("users",)),
    ],
)
def test_what_is_elsewhere_is_not_in_the_way(differs: dict[str, Any]) -> None:
    """Another branch's workflow, an ended one, or a request for something else blocks nothing."""
    assert run_checks(creating(**differs)).blocks == ()


def test_many_missing_tables_are_not_a_flood() -> None:
    """At most five missing tables are named one by one, and in a huge schema nothing is suggested."""
    schema = tuple(SchemaTable(name=f"table_{number}") for number in range(3000))
    wanted = tuple(f"tabel_{number}" for number in range(50))
    report = run_checks(creating({"tables": wanted}, source_tables=schema))
    assert sentences(report, BLOCK) == [f"There is no table `tabel_{n}` in commerce." for n in range(5)]


@pytest.mark.parametrize("typed", ["users", "users_se", "user_seq"])
def test_nobody_is_led_to_a_sequence_table(typed: str) -> None:
    """A table that was meant is named, but never a sequence table: PlanetScale moves those itself."""
    tables = (SchemaTable(name="users_seq"), SchemaTable(name="orders"))
    report = run_checks(creating({"tables": (typed,)}, source_tables=tables))
    assert sentences(report, BLOCK) == [f"There is no table `{typed}` in commerce. It has `orders`."]
