"""A policy that nobody could satisfy does not start, and what should be known about one is said."""

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.approvals.people import NamedPeople
from bot.approvals.policy import Policy, PolicyError, load_policy
from bot.approvals.soundness import enough_approvers

A = "[approvals]\n"
D = '[[database]]\nmatch = "prod-*"\n'
ANA_BEN = 'approvers = ["U0ANA", "U0BEN"]\n'


def policy(text: str) -> Policy:
    return load_policy(text, approval_ttl=None)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (
            A + ANA_BEN + "required = 3",
            "[approvals] required: approvers names 2, so nobody could ever get 3;",
        ),
        (A + 'approvers = ["U0BEN", "U0BEN"]\nrequired = 2', "[approvals] required: approvers names 1,"),
        (
            A + 'approvers = ["U0BEN"]\nrequesters = ["U0BEN"]',
            "[approvals] approvers: nobody approves what they",
        ),
        (
            A + ANA_BEN + 'required = 2\nrequesters = ["U0BEN"]',
            "[approvals] approvers: nobody approves what they",
        ),
        (A + "required = 3\n" + D + ANA_BEN, '[[database]] "prod-*" required: approvers names 2,'),
        (
            D + ANA_BEN + '[[database]]\nmatch = "*"\nrequired = 3',
            '[[database]] "prod-*" required: approvers',
        ),
        (D + "required = 3\n[[database]]\nmatch = 'prod-eu'\n" + ANA_BEN, '[[database]] "prod-eu" required:'),
        (
            A + ANA_BEN + "required = 3\n" + D + "hide_errors = true",
            "[approvals] required: approvers names 2,",
        ),
    ],
)
def test_what_nobody_could_satisfy_is_refused(text: str, start: str) -> None:
    """If no request of anybody could ever be approved, the bot does not start and says where to look."""
    with pytest.raises(PolicyError) as caught:
        policy(text)
    (line,) = caught.value.lines
    assert line.startswith(start)
    assert " Right: " in line


ALONE = "ONE PERSON ALONE can"


STUCK = "[approvals] approvers: nobody approves what they asked for, so"
DEPENDS = "approvers: whether anybody can get 1 depends on who is in Slack's"


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (A + "required = 20", []),
        (A + ANA_BEN, []),
        (A + ANA_BEN + "direct = true", []),
        (
            A + "direct = true",
            ["[approvals] direct: is on, but approvers names nobody, so nobody gets a direct message."],
        ),
        (A + ANA_BEN + "required = 2", [f"{STUCK} U0ANA, U0BEN could never get 2."]),
        (A + 'approvers = ["U0BEN"]', [f"{STUCK} U0BEN could never get 1."]),
        (A + 'approvers = ["U0BEN"]\nrequesters = ["U0ANA"]', []),
        (A + 'approvers = ["U0BEN"]\nrequesters = ["U0ANA", "U0BEN"]', [f"{STUCK} U0BEN could"]),
        (A + 'approvers = ["U0BEN"]\nrequesters = ["U0BEN", "S0LEADS"]', [f"{STUCK} U0BEN could"]),
        (A + 'approvers = ["S0DBAS"]', [f"[approvals] {DEPENDS} group S0DBAS."]),
        (A + 'approvers = ["S0DBAS", "U0ANA", "U0BEN"]', []),
        (A + 'approvers = ["S0DBAS", "S0OPS", "U0BEN"]', [f"[approvals] {DEPENDS} groups S0DBAS, S0OPS."]),
        (A + 'approvers = ["S0DBAS", "U0BEN"]\nrequesters = ["U0ANA"]', []),
        (
            A + 'requesters = ["S0LEADS"]',
            ["[approvals] requesters: who may ask depends on who is in Slack's group"],
        ),
        (D + 'approvers = ["S0DBAS"]', [f'[[database]] "prod-*" {DEPENDS} group S0DBAS.']),
        (A + 'approvers = ["S0DBAS"]\n' + D + "hide_errors = true", [f"[approvals] {DEPENDS} group"]),
        ('[[database]]\nmatch = "Prod-*"', ['[[database]] "Prod-*" match: has capital letters;']),
    ],
)
def test_what_depends_on_others_is_a_warning(text: str, starts: list[str]) -> None:
    """What may turn out impossible for some, or depends on Slack's groups, is said, and only that."""
    lines = policy(text).warnings
    assert len(lines) == len(starts)
    assert all(line.startswith(start) and "\n" not in line for line, start in zip(lines, starts, strict=True))


@pytest.mark.parametrize("action", ["switch-traffic", "cutover", "complete", "cancel"])
@pytest.mark.parametrize(("head", "where"), [(A, "[approvals]"), (D, '[[database]] "prod-*"')])
def test_taking_the_second_person_away_is_loud(action: str, head: str, where: str) -> None:
    """Each destructive action that needs no second person has a loud line, under the section that says so."""
    left = [word for word in ("switch-traffic", "cutover", "complete", "cancel") if word != action]
    (line,) = policy(f"{head}peer = {left}").warnings
    assert line.startswith(f"{where} peer: {action} is not in it. {ALONE} ")


def test_the_brake_for_one_person_is_loud() -> None:
    """`cancel-before-switch` in `confirm` is allowed and said loudly."""
    (line,) = policy(A + 'confirm = ["cancel-before-switch"]').warnings
    assert line.startswith(
        "[approvals] confirm: cancel-before-switch is in it. As long as no traffic is switched, "
    )
    assert ALONE in line


def test_each_section_without_a_second_person_is_told() -> None:
    """Two sections with the same hole have a line each; what holds everywhere is told once."""
    holes = '[[database]]\nmatch = "a"\npeer = []\n[[database]]\nmatch = "b"\npeer = []\n'
    assert len(policy(holes).warnings) == 8
    assert len(policy(A + "peer = []\n" + holes).warnings) == 4


PEOPLE = ("U0ANA", "U0BEN", "U0CHI", "U0DEV")
SOME = st.sets(st.sampled_from(PEOPLE))


@settings(deadline=None)
@given(SOME, SOME, st.integers(1, 4))
def test_refused_exactly_when_nobody_could_be_satisfied(
    approvers: set[str], requesters: set[str], required: int
) -> None:
    """With users only, a policy is refused if and only if no requester could gather enough approvals."""
    askers = requesters or {*PEOPLE, "U0OUT"}
    able = [asker for asker in askers if not approvers or len(approvers - {asker}) >= required]
    text = f"{A}required = {required}\napprovers = {sorted(approvers)}\nrequesters = {sorted(requesters)}"
    try:
        warned = bool(policy(text).warnings)
    except PolicyError:
        assert not able
    else:
        assert able
        assert warned is (len(able) < len(askers))


@settings(deadline=None)
@given(SOME, st.sets(st.sampled_from(["S0DBAS", "S0OPS"])), SOME, st.sampled_from(PEOPLE), st.integers(1, 4))
def test_enough_for_this_requester(
    users: set[str], groups: set[str], members: set[str], requester: str, required: int
) -> None:
    """When somebody asks, those in the named groups at that moment are counted, and not the requester."""
    found = enough_approvers(
        NamedPeople.of([*users, *groups]),
        required,
        frozenset({requester}),
        {"S0DBAS": frozenset(members), "S0LEADS": frozenset(PEOPLE)},
    )
    everybody = users | (members if "S0DBAS" in groups else set())
    choices = chain.from_iterable(combinations(sorted(everybody), size) for size in [required])
    assert found is (not users | groups or any(requester not in choice for choice in choices))
