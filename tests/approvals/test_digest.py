import hashlib
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.approvals.digest import AskedFor, ButtonValue, button_value, digest, matches, prefix, read_button
from bot.commands.model import ActionName

SHOWN: dict[str, Any] = {
    "workflow_id": "w3",
    "number": 3,
    "branch": "main",
    "source_keyspace": "commerce",
    "target_keyspace": "customer",
    "global_keyspace": None,
    "tables": ("orders", "line_items"),
    "state": "copied, nothing switched",
    "replicas_switched": False,
    "primaries_switched": False,
}
ASKED = AskedFor(
    organization="acme",
    database="shop",
    shown=SHOWN,
    action=ActionName.SWITCH_TRAFFIC,
    arguments={"replicas_only": True, "on_ddl": "STOP"},
    force=False,
    required=1,
    approvers=("S0DBAS", "U0BEN"),
)
CANONICAL = (
    '{"action":"switch-traffic","approvers":["S0DBAS","U0BEN"],"arguments":{"on_ddl":"STOP","replicas_only":true},'
    '"branch":"main","database":"shop","force":false,"global_keyspace":null,"number":3,"organization":"acme",'
    '"primaries_switched":false,"replicas_switched":false,"required":1,"source_keyspace":"commerce",'
    '"state":"copied, nothing switched","tables":["line_items","orders"],"target_keyspace":"customer",'
    '"workflow_id":"w3"}'
)
OTHER: dict[str, list[Any]] = {
    "organization": ["acme-eu"],
    "database": ["shop-eu"],
    "workflow_id": ["w4", None],
    "number": [4, None],
    "branch": ["dev", None],
    "action": [ActionName.CUTOVER],
    "arguments": [
        {},
        {"replicas_only": False, "on_ddl": "STOP"},
        {"replicas_only": "true", "on_ddl": "STOP"},
    ],
    "force": [True],
    "source_keyspace": ["customer", None],
    "target_keyspace": ["commerce", None],
    "global_keyspace": ["lookup"],
    "tables": [("orders",), (), None, ("orders,line_items",), ("orders", "line_items", "users")],
    "state": ["verifying_data", "switched_replicas", "a_new_state", None],
    "replicas_switched": [True, None],
    "primaries_switched": [True, None],
    "required": [2],
    "approvers": [("S0DBAS",), (), ("S0DBAS", "U0CHI")],
}


def but_for(asked: AskedFor = ASKED, **differs: Any) -> AskedFor:
    """The same but for these facts, of the request or of what is shown."""
    own = {name: value for name, value in differs.items() if name not in SHOWN}
    shown = {name: value for name, value in differs.items() if name in SHOWN}
    return replace(asked, **own, shown={**asked.shown, **shown})


def test_every_fact_is_in_the_digest() -> None:
    """Whatever differs in what was asked or seen, the approval does not carry over."""
    assert OTHER.keys() == {field.name for field in fields(AskedFor)} - {"shown"} | SHOWN.keys()
    variants = [but_for(**{name: value}) for name, values in OTHER.items() for value in values]
    assert len({digest(asked) for asked in (ASKED, *variants)}) == 1 + len(variants)


def test_the_digest_is_stable() -> None:
    """A digest that was stored is still the same after a restart: it is SHA-256 over canonical JSON."""
    assert digest(ASKED) == hashlib.sha256(CANONICAL.encode()).hexdigest()


def test_order_means_nothing() -> None:
    """The same tables, approvers and arguments in another order are the same request."""
    shuffled = but_for(
        tables=("line_items", "orders", "orders"),
        approvers=("U0BEN", "S0DBAS"),
        arguments={"on_ddl": "STOP", "replicas_only": True},
    )
    assert digest(shuffled) == digest(ASKED)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=64))
def test_any_name_has_a_digest(name: str) -> None:
    """Names of any letters, even broken ones, can be asked about."""
    found = digest(but_for(tables=(name,), arguments={"name": name}))
    assert len(found) == 64
    assert found != digest(ASKED)


OPERATION_IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
DIGESTS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)


@settings(deadline=None)
@given(OPERATION_IDS, DIGESTS)
def test_a_button_says_what_it_was_given(operation_id: str, text: str) -> None:
    """A button's value is read back as its operation and the digest's first 16 characters."""
    button = read_button(button_value(operation_id, text))
    assert button == ButtonValue(operation_id, text[:16])
    assert matches(button.prefix, text)


@settings(deadline=None)
@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.lists(st.text())
    | st.just({"a": 1})
)
def test_a_made_up_button_is_nothing(value: object) -> None:
    """Whatever stands in a button's value, reading it does not raise, and nothing is read into it."""
    found = read_button(value)
    assert found is None or value == f"{found.operation_id}:{found.prefix}"


@pytest.mark.parametrize(
    "value",
    [
        "",
        ":",
        "op:",
        ":0123456789abcdef",
        "op:0123456789abcde",
        "op:0123456789abcdef0",
        "op:0123456789ABCDEF",
        "op:0123456789abcdef\n",
        "op:0123456789abcde０",
        "o p:0123456789abcdef",
        "öp:0123456789abcdef",
        "a" * 65 + ":0123456789abcdef",
        "op:x:0123456789abcdef",
        b"op:0123456789abcdef",
    ],
)
def test_near_misses_are_nothing(value: object) -> None:
    """A value that is nearly right is not read as if it were."""
    assert read_button(value) is None


@pytest.mark.parametrize(
    ("operation_id", "text"), [("", "a" * 64), ("a:b", "a" * 64), ("op", ""), ("op", "A" * 64)]
)
def test_no_button_that_could_not_be_read_again(operation_id: str, text: str) -> None:
    """A card never gets a button that would be dead."""
    with pytest.raises(ValueError, match="operation id"):
        button_value(operation_id, text)


@pytest.mark.parametrize(
    ("carried", "text"),
    [("", ""), ("", "a" * 64), ("a" * 15, "a" * 64), ("a" * 64, "a" * 64), ("b" * 16, "a" * 64)],
)
def test_only_the_right_part_matches(carried: str, text: str) -> None:
    """No empty, short, long or other part passes for that of a digest."""
    assert prefix("ab" * 32) == "ab" * 8
    assert not matches(carried, text)
