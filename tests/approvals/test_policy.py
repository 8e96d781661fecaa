import re
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.approvals.people import NamedPeople
from bot.approvals.policy import Gate, Policy, Rule, load_policy
from bot.approvals.terms import Section
from bot.commands.model import ActionName

DOCUMENT = Path(__file__).parents[2] / "docs" / "policy.md"
A_DBA = '[approvals]\napprovers = ["S0DBAS"]\n'


def policy(text: str | None = None, ttl: timedelta | None = None) -> Policy:
    return load_policy(text, approval_ttl=ttl)


def rule(found: Policy, action: ActionName, database: str = "shop", **facts: bool) -> Rule:
    """The rule for a workflow that is copied and not switched, unless `facts` say otherwise."""
    seen = {"switched": False, "rows_copied": True, "copy_complete": True} | facts
    return found.rule_for(
        "acme",
        database,
        action,
        switched=seen["switched"],
        rows_copied=seen["rows_copied"],
        copy_complete=seen["copy_complete"],
    )


def documented(number: int) -> str:
    return DOCUMENT.read_text("utf-8").split("```toml\n")[number + 1].partition("```")[0]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[approvals]\n", "database = []", "\ufeff", documented(0)]
)
def test_the_built_in_policy_is_the_documented_one(text: str) -> None:
    """Without a file, with an empty one and with the one in the documentation, the same policy holds."""
    assert policy(text).terms_for("acme", "shop") == policy().terms_for("acme", "shop")
    assert policy(text).warnings == ()


def test_the_documented_policy_states_every_key() -> None:
    """The built-in policy in the documentation leaves no key of `[approvals]` out."""
    stated = set(re.findall(r"^(?:# )?(\w+) =", documented(0), re.MULTILINE))
    assert stated == set(Section.model_fields)


def test_the_documented_example_does_what_it_says() -> None:
    """The example in the documentation is a policy, with the effect that its text promises."""
    found = policy(documented(1))
    inside, outside = (rule(found, ActionName.CUTOVER, name) for name in ("prod-eu", "shop"))
    assert (inside.required, inside.approvers, inside.channel) == (2, NamedPeople.of(["S0DBAS"]), "C0DBMOVES")
    assert (outside.required, outside.approvers, outside.channel) == (1, NamedPeople(), None)
    assert rule(found, ActionName.CANCEL, "prod-eu", switched=False).gate is Gate.CONFIRM
    assert rule(found, ActionName.CANCEL, "prod-eu", switched=True).gate is Gate.PEER


@pytest.mark.parametrize(
    ("reason", "action", "switched", "asks"),
    [
        ("", ActionName.CUTOVER, True, False),
        ("cutover", ActionName.CUTOVER, True, True),
        ("cutover", ActionName.CANCEL, False, False),
        ("cancel", ActionName.CANCEL, False, True),
        ("cancel", ActionName.CANCEL, True, True),
        ("cancel-before-switch", ActionName.CANCEL, False, True),
        ("cancel-before-switch", ActionName.CANCEL, True, False),
        ("reverse-traffic", ActionName.REVERSE_TRAFFIC, True, True),
        ("create", ActionName.CREATE, True, True),
    ],
)
def test_what_is_asked_for_only_with_a_reason(
    reason: str, action: ActionName, switched: bool, asks: bool
) -> None:
    """The actions that the policy names need a reason, whoever has to agree to them; a brake has a name."""
    stated = f'[approvals]\nreason = ["{reason}"]' if reason else ""
    assert rule(policy(stated), action, switched=switched).asks_why is asks


def test_a_section_may_ask_more() -> None:
    """For some databases a reason is needed where the others need none."""
    found = policy('[[database]]\nmatch = "prod-*"\nreason = ["cutover"]\ndeny_reason = true')
    inside, outside = (rule(found, ActionName.CUTOVER, name) for name in ("prod-eu", "shop"))
    assert (inside.asks_why, inside.deny_reason) == (True, True)
    assert (outside.asks_why, outside.deny_reason) == (False, False)


def test_the_built_in_numbers() -> None:
    """By itself: one other person, half an hour, an hour of soak, everybody, no channel, nothing shared."""
    assert rule(policy(), ActionName.CUTOVER) == Rule(
        gate=Gate.PEER,
        required=1,
        expires_after=timedelta(minutes=30),
        approvers=NamedPeople(),
        requesters=NamedPeople(),
        soak=timedelta(hours=1),
        channel=None,
        allow_shared_channels=False,
        hide_errors=False,
        notify=(),
        direct=False,
    )


@pytest.mark.parametrize("switched", [False, True])
@pytest.mark.parametrize(
    ("action", "gate"),
    [
        (ActionName.SWITCH_TRAFFIC, Gate.PEER),
        (ActionName.CUTOVER, Gate.PEER),
        (ActionName.COMPLETE, Gate.PEER),
        (ActionName.CANCEL, Gate.PEER),
        (ActionName.REVERSE_TRAFFIC, Gate.CONFIRM),
        (ActionName.REVERSE_CUTOVER, Gate.CONFIRM),
        (ActionName.CREATE, Gate.NONE),
        (ActionName.VERIFY_DATA, Gate.NONE),
    ],
)
def test_built_in_gates(action: ActionName, gate: Gate, switched: bool) -> None:
    """What can hurt needs a peer, going back a confirmation, and the rest nothing."""
    found = rule(policy(), action, switched=switched)
    assert (found.gate, found.required) == (gate, 1 if gate is Gate.PEER else 0)


@pytest.mark.parametrize(
    ("lists", "nothing", "some", "complete"),
    [
        ("", Gate.NONE, Gate.CONFIRM, Gate.PEER),
        ('confirm = []\npeer = ["retry"]', Gate.PEER, Gate.PEER, Gate.PEER),
        ("confirm = []", Gate.NONE, Gate.NONE, Gate.PEER),
    ],
)
def test_a_retry_weighs_what_it_could_repeat(lists: str, nothing: Gate, some: Gate, complete: Gate) -> None:
    """A retry is free before any row, confirmed with rows, and never one person's alone after the copy."""
    found = policy(f"[approvals]\n{lists}")
    stages = [(False, False), (True, False), (True, True)]
    gates = [
        rule(found, ActionName.RETRY, rows_copied=rows, copy_complete=done).gate for rows, done in stages
    ]
    assert gates == [nothing, some, complete]


@pytest.mark.parametrize(
    ("lists", "before", "after"),
    [
        ("", Gate.PEER, Gate.PEER),
        ('confirm = ["cancel-before-switch"]', Gate.CONFIRM, Gate.PEER),
        ('peer = ["cancel-before-switch"]\nconfirm = ["cancel"]', Gate.PEER, Gate.CONFIRM),
        ('peer = []\nconfirm = ["cancel"]', Gate.CONFIRM, Gate.CONFIRM),
        ("peer = []", Gate.NONE, Gate.NONE),
    ],
)
def test_the_brake_can_be_named_apart(lists: str, before: Gate, after: Gate) -> None:
    """`cancel-before-switch` is about cancelling while nothing is switched; unset, it follows `cancel`."""
    found = policy(f"[approvals]\n{lists}")
    gates = tuple(rule(found, ActionName.CANCEL, switched=switched).gate for switched in (False, True))
    assert gates == (before, after)


@pytest.mark.parametrize("action", [action for action in ActionName if action is not ActionName.CANCEL])
def test_the_brake_is_about_cancel_only(action: ActionName) -> None:
    """Naming `cancel-before-switch` changes no other action."""
    found = policy(
        '[approvals]\nconfirm = ["cancel-before-switch", "reverse-traffic", "reverse-cutover", "retry"]'
    )
    assert rule(found, action) == rule(policy(), action)


@pytest.mark.parametrize(
    ("text", "ttl", "minutes"),
    [
        (None, None, 30),
        (None, 5, 5),
        ("[approvals]\nrequired = 1", 5, 5),
        ('[approvals]\nexpires_after = "90m"', 5, 90),
        ('[approvals]\nexpires_after = "30m"', 5, 30),
        ('[[database]]\nmatch = "shop"\nexpires_after = "2h"', 5, 120),
        ('[[database]]\nmatch = "other"\nexpires_after = "2h"', 5, 5),
    ],
)
def test_how_long_a_request_waits(text: str | None, ttl: int | None, minutes: int) -> None:
    """The environment replaces the built-in time; a key in the file wins over both."""
    found = policy(text, None if ttl is None else timedelta(minutes=ttl))
    assert rule(found, ActionName.CUTOVER).expires_after == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2s", timedelta(seconds=2)),
        ("90m", timedelta(minutes=90)),
        ("4h", timedelta(hours=4)),
        ("1.5h", timedelta(minutes=90)),
        ("7 d", timedelta(days=7)),
    ],
)
def test_durations(text: str, length: timedelta) -> None:
    """Durations are written as a number and s, m, h or d."""
    found = rule(policy(f'[approvals]\nexpires_after = "{text}"\nsoak = "{text}"'), ActionName.CUTOVER)
    assert (found.expires_after, found.soak) == (length, length)


def test_the_soak_can_be_switched_off() -> None:
    """A soak of `0s` asks for no waiting at all."""
    assert rule(policy('[approvals]\nsoak = "0s"'), ActionName.CUTOVER).soak == timedelta(0)


def test_every_key_of_a_database() -> None:
    """Each key can be set for the databases that match, and does nothing to the others."""
    text = """
        [[database]]
        match = "prod-?"
        peer = ["create"]
        confirm = ["verify-data"]
        required = 3
        expires_after = "1h"
        approvers = ["S0DBAS", "U0BEN"]
        requesters = ["U0ANA"]
        soak = "1d"
        channel = "G0PRIVATE"
        allow_shared_channels = true
        hide_errors = true
        notify = ["S0ONCALL", "U0CHI"]
        direct = true
    """
    found = policy(text)
    assert rule(found, ActionName.CREATE, "prod-1") == Rule(
        gate=Gate.PEER,
        required=3,
        expires_after=timedelta(hours=1),
        approvers=NamedPeople.of(["S0DBAS", "U0BEN"]),
        requesters=NamedPeople.of(["U0ANA"]),
        soak=timedelta(days=1),
        channel="G0PRIVATE",
        allow_shared_channels=True,
        hide_errors=True,
        notify=("S0ONCALL", "U0CHI"),
        direct=True,
    )
    assert rule(found, ActionName.VERIFY_DATA, "prod-1").gate is Gate.CONFIRM
    assert rule(found, ActionName.CUTOVER, "prod-1").gate is Gate.NONE
    for other in ("prod-12", "prod-", "Prod-1", "a-prod-1"):
        assert [rule(found, action, other) for action in ActionName] == [
            rule(policy(), action) for action in ActionName
        ]


@pytest.mark.parametrize(
    ("stated", "called"),
    [
        ("", ()),
        ('approvers = ["S0DBAS", "U0BEN"]', ("S0DBAS", "U0BEN")),
        ('notify = ["S0ONCALL"]', ("S0ONCALL",)),
        ('approvers = ["S0DBAS"]\nnotify = ["U0CHI", "S0ONCALL", "U0CHI"]', ("U0CHI", "S0ONCALL")),
        ('approvers = ["S0DBAS"]\nnotify = []', ()),
    ],
)
def test_who_is_called(stated: str, called: tuple[str, ...]) -> None:
    """Whom `notify` names is called; the named approvers where it is not stated; nobody by an empty list."""
    assert rule(policy(f"[approvals]\n{stated}"), ActionName.CUTOVER).notify == called


def test_whom_check_tries() -> None:
    """Whom `notify` names anywhere is among those whom `workflow-bot check` tries."""
    found = policy('[approvals]\nnotify = ["S0ONCALL"]\n[[database]]\nmatch = "a"\nnotify = ["U0CHI"]')
    assert found.named.ids == ("S0ONCALL", "U0CHI")


def test_a_list_can_be_emptied_again() -> None:
    """An empty list in a section replaces the list before it: anybody may approve there."""
    found = policy(A_DBA + '[[database]]\nmatch = "dev"\napprovers = []')
    assert rule(found, ActionName.CUTOVER, "dev").approvers.anybody
    assert rule(found, ActionName.CUTOVER, "shop").approvers == NamedPeople.of(["S0DBAS"])


def test_peer_wins_where_sections_meet() -> None:
    """If two sections come to put an action into both lists, the second person is needed."""
    found = policy("""
        [[database]]
        match = "prod-*"
        confirm = ["create"]
        [[database]]
        match = "*-eu"
        peer = ["create", "switch-traffic", "cutover", "complete", "cancel"]
    """)
    assert [rule(found, ActionName.CREATE, name).gate for name in ("prod-us", "x-eu", "prod-eu")] == [
        Gate.CONFIRM,
        Gate.PEER,
        Gate.PEER,
    ]


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "required": st.integers(1, 3),
    "soak": st.sampled_from(["0s", "10m", "2h"]),
    "channel": st.sampled_from(["C0AAA", "C0BBB"]),
    "approvers": st.sampled_from([[], ["S0DBAS"], ["S0DBAS", "U0BEN"]]),
    "hide_errors": st.booleans(),
}
SECTIONS = st.lists(
    st.fixed_dictionaries(
        {"match": st.sampled_from(["*", "prod-*", "*-eu", "prod-eu", "shop", "[ps]*"])}, optional=VALUES
    ),
    max_size=6,
)


def as_toml(section: dict[str, Any]) -> str:
    words = {True: "true", False: "false"}
    return "[[database]]\n" + "".join(
        f"{key} = {words[value] if isinstance(value, bool) else repr(value)}\n"
        for key, value in section.items()
    )


@settings(deadline=None)
@given(SECTIONS, st.sampled_from(["prod-eu", "prod-us", "shop", "shop-eu", "x"]))
def test_the_last_match_wins_key_by_key(sections: list[dict[str, Any]], database: str) -> None:
    """Of all sections that match a database, each key comes from the last one that states it."""
    terms = policy("".join(map(as_toml, sections))).terms_for("acme", database)
    for key in VALUES:
        stated = [part[key] for part in sections if fnmatchcase(database, part["match"]) and key in part]
        alone = policy(as_toml({"match": "*", key: stated[-1]}) if stated else None).terms_for(
            "acme", database
        )
        assert getattr(terms, key) == getattr(alone, key)
