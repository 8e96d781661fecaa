"""Several organizations in one policy file: whose rule holds where, and what is refused."""

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.approvals.people import NamedPeople
from bot.approvals.policy import Policy, PolicyError, load_policy
from bot.commands.model import ActionName
from tests.approvals.test_policy import documented

EU = '[[organization]]\nname = "acme-eu"\ntoken_id = "ACME_EU_TOKEN_ID"\ntoken = "ACME_EU_TOKEN"\n'
US = EU.replace("eu", "us").replace("EU", "US")
HOME = '[[organization]]\nname = "acme"\n'


def policy(text: str) -> Policy:
    return load_policy(text, organization="acme")


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        policy(text)
    return caught.value.lines


def test_the_documented_example_does_what_it_says() -> None:
    """The example of several organizations in the documentation has the effect that its text promises."""
    found = policy(documented(2))
    (section,) = found.organizations
    assert (section.name, section.databases) == ("acme-eu", ("shop", "crm"))
    assert (section.token_id, section.token) == ("ACME_EU_TOKEN_ID", "ACME_EU_TOKEN")
    assert found.terms_for("acme-eu", "shop").required == 2
    assert found.terms_for("acme-eu", "shop").channel == "C0EUMOVES"
    assert found.terms_for("acme", "shop").required == 1
    assert found.terms_for("acme-eu", "prod-shop").approvers == ("S0EUDBAS",)
    assert found.terms_for("acme", "prod-shop").approvers == ()


def test_a_section_of_an_organization_holds_only_there() -> None:
    """A [[database]] with an organization is for that one; without, for all, over [[organization]]."""
    found = policy(
        EU
        + "required = 2\n"
        + '[[database]]\nmatch = "shop"\norganization = "acme-eu"\nhide_errors = true\n'
        + '[[database]]\nmatch = "crm"\nrequired = 3\n'
    )
    assert [found.terms_for("acme-eu", name).required for name in ("shop", "crm", "x")] == [2, 3, 2]
    assert [found.terms_for("acme", name).required for name in ("shop", "crm", "x")] == [1, 3, 1]
    assert found.terms_for("acme-eu", "shop").hide_errors
    assert not found.terms_for("acme", "shop").hide_errors
    assert found.terms_of("acme-eu").required == 2


def test_the_default_organization_may_have_rules_too() -> None:
    """A section with the name of the settings' organization needs no token, and holds only for it."""
    found = policy(HOME + 'requesters = ["S0HOME"]\n' + EU)
    about: dict[str, Any] = {"switched": True, "rows_copied": True, "copy_complete": True}
    here = found.rule_for("acme", "shop", ActionName.CUTOVER, **about)
    there = found.rule_for("acme-eu", "shop", ActionName.CUTOVER, **about)
    assert (here.requesters, there.requesters) == (NamedPeople.of(["S0HOME"]), NamedPeople())


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "required": st.integers(1, 3),
    "channel": st.sampled_from(["C0AAA", "C0BBB"]),
    "soak": st.sampled_from(["0s", "10m", "2h"]),
}
RULES = st.fixed_dictionaries({}, optional=VALUES)
SECTIONS = st.lists(
    st.fixed_dictionaries(
        {"match": st.sampled_from(["*", "prod-*", "shop"])},
        optional=VALUES | {"organization": st.sampled_from(["acme", "acme-eu"])},
    ),
    max_size=4,
)


def stated(keys: dict[str, Any]) -> str:
    return "".join(f"{key} = {value!r}\n" for key, value in keys.items())


@settings(deadline=None)
@given(RULES, RULES, SECTIONS, st.sampled_from(["acme", "acme-eu"]), st.sampled_from(["prod-x", "shop", "x"]))
def test_the_last_that_holds_there_wins_key_by_key(
    here: dict[str, Any], there: dict[str, Any], sections: list[dict[str, Any]], organization: str, name: str
) -> None:
    """Of the organization's section and of all that match in it, each key comes from the last one."""
    text = (
        HOME + stated(here) + EU + stated(there) + "".join("[[database]]\n" + stated(one) for one in sections)
    )
    terms = policy(text).terms_for(organization, name)
    holding = [here if organization == "acme" else there] + [
        one
        for one in sections
        if fnmatchcase(name, one["match"]) and one.get("organization", organization) == organization
    ]
    for key in VALUES:
        last = [one[key] for one in holding if key in one][-1:]
        alone = load_policy(f"[[database]]\nmatch = '*'\n{key} = {last[0]!r}" if last else None)
        assert getattr(terms, key) == getattr(alone.terms_for("acme", name), key)


E = '[[organization]] "acme-eu" '


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (EU.replace('token = "ACME_EU_TOKEN"', ""), E + "token: is missing."),
        (EU.replace('token_id = "ACME_EU_TOKEN_ID"', ""), E + "token_id: is missing."),
        ("[[organization]]\n", "[[organization]] number 1 name: is missing."),
        (EU + EU, E + "name: stands there twice"),
        (EU + 'databases = "shop"', E + 'databases: "shop" is not a list of databases.'),
        (EU + 'databases = ["Shop!"]', E + 'databases: "Shop!" is not the name of a database.'),
        (EU + "required = 0", E + "required: 0 is not a whole number"),
        (EU + 'match = "x"', E + "match: is a key for [[database]] only."),
        (EU + 'tokens = "x"', E + '"tokens": there is no such key; did you mean token?'),
        (EU.replace("[[", "[").replace("]]", "]"), "[[organization]]: a section is not a list of sections"),
        (HOME + 'token = "X"', '[[organization]] "acme" token: is a setting for this organization'),
        (
            '[[database]]\nmatch = "x"\ntoken = "X"',
            '[[database]] "x" token: is a key for [[organization]] only.',
        ),
        (
            EU + '[[database]]\nmatch = "x"\norganization = "acme-us"',
            '[[database]] "x" organization: "acme-us" is none of this bot\'s; there are acme, acme-eu.',
        ),
        ("[[organisation]]", '"organisation": there is no such section; did you mean organization?'),
    ],
)
def test_what_is_wrong_is_named(text: str, line: str) -> None:
    """One line says which organization's section is wrong, where, and what would be right."""
    (found,) = problems(text)
    assert found.startswith(line)
    assert " Right: " in found


@pytest.mark.parametrize("key", ["token", "token_id"])
@pytest.mark.parametrize("token", ["pscale_tkn_AbC123", "k3x8v0q2w1zz", "two words", ""])
def test_a_token_in_the_file_is_refused_and_not_repeated(key: str, token: str) -> None:
    """A token itself, instead of the name of its variable, is refused, and no line repeats it."""
    lines = problems(EU.replace(f'{key} = "ACME_EU_{key.upper()}"', f'{key} = "{token}"'))
    assert lines[0].startswith(f"{E}{key}: what stands there is not the name of an environment variable")
    assert not token or token not in "".join(lines)


def test_nobody_waits_for_what_could_never_be() -> None:
    """What could never be approved is refused in the organization where that is so, and told once."""
    assert problems(EU + 'required = 2\napprovers = ["U0A"]') == [
        f"{E}required: approvers names 1, so nobody could ever get 2; lower it or name more. "
        "Right: required = 1"
    ]
    overlapping = EU + 'approvers = ["U0A"]\n[[database]]\nmatch = "prod-*"\nrequired = 2'
    assert [line.partition(": ")[0] for line in problems(overlapping)] == [
        '[[database]] "prod-*" in acme-eu required'
    ]
    only_us = overlapping + '\norganization = "acme-us"\n' + US
    assert policy(only_us).terms_for("acme-us", "prod-x").required == 2


def test_warnings_name_the_organization() -> None:
    """What one person alone can do in one organization is said under its section, and only there."""
    lines = policy(EU + "peer = []\n" + US).warnings
    assert len(lines) == 4
    assert all(line.startswith(E + "peer: ") for line in lines)


def test_the_time_to_live_holds_in_every_organization() -> None:
    """The setting for how long an approval may wait is for all organizations that state none."""
    found = load_policy(EU, approval_ttl=timedelta(minutes=5), organization="acme")
    assert found.terms_for("acme-eu", "shop").expires_after == timedelta(minutes=5)
