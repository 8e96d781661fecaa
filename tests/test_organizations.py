"""More organizations: their tokens are settings too, and are tried before anybody types a command."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.check import check
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.settings import SettingsError, read_settings
from tests.serve import serve
from tests.slack.test_check import a_free_port
from tests.test_settings import GOOD

SECTION = '[[organization]]\nname = "acme-eu"\ntoken_id = "EU_TOKEN_ID"\ntoken = "EU_TOKEN"\n'
TOKENS = {"EU_TOKEN_ID": "eu-id", "EU_TOKEN": "pscale_tkn_eu-secret"}


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def with_policy(folder: Path, text: str) -> dict[str, str]:
    file = folder / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return {"WORKFLOW_BOT_POLICY": str(file)}


def test_the_organizations_are_those_of_the_settings_and_of_the_policy(tmp_path: Path) -> None:
    """The default one comes first, a section with its name adds databases, and each has its own token."""
    text = (
        '[[organization]]\nname = "acme"\ndatabases = ["crm", "shop"]\n' + SECTION + 'databases = ["shop"]\n'
    )
    settings = read_settings(
        GOOD | TOKENS | {"WORKFLOW_BOT_DATABASES": "shop,blog"} | with_policy(tmp_path, text)
    )
    found = settings.organizations
    assert [(one.name, one.databases) for one in found] == [
        ("acme", ("shop", "blog", "crm")),
        ("acme-eu", ("shop",)),
    ]
    assert [one.token.get_secret_value() for one in found] == ["pscale_tkn_secret", "pscale_tkn_eu-secret"]
    assert set(TOKENS.values()) <= set(settings.secrets)
    assert "pscale_tkn_eu-secret" not in f"{settings!r} {found!r} {settings.model_dump()}"


def test_the_tokens_may_stand_in_the_env_file(tmp_path: Path) -> None:
    """What the policy names may stand in `.env`, as every setting may; the environment goes before it."""
    env_file = tmp_path / ".env"
    env_file.write_text("EU_TOKEN_ID=filed-id\nEU_TOKEN=filed-token\n", encoding="utf-8")
    given = GOOD | with_policy(tmp_path, SECTION) | {"EU_TOKEN": "newer-token"}
    _, there = read_settings(given, env_file).organizations
    assert (there.token_id.get_secret_value(), there.token.get_secret_value()) == ("filed-id", "newer-token")


def test_without_a_section_there_is_one_organization() -> None:
    """Without a policy file the bot works for the organization of the settings alone."""
    (only,) = read_settings(GOOD).organizations
    assert only.name == "acme"


@pytest.mark.parametrize(
    ("tokens", "lines"),
    [
        ({}, ["EU_TOKEN_ID is missing: ", "EU_TOKEN is missing: "]),
        (TOKENS | {"EU_TOKEN": " "}, ["EU_TOKEN is missing: "]),
        (TOKENS | {"EU_TOKEN_ID": "with:colon"}, ["EU_TOKEN_ID is not usable: "]),
        (TOKENS | {"EU_TOKEN": "two words"}, ["EU_TOKEN is not usable: "]),
    ],
)
def test_a_variable_without_a_token_stops_the_start(
    tokens: dict[str, str], lines: list[str], tmp_path: Path
) -> None:
    """Each variable that holds no token is named in one line, with its section; no value is repeated."""
    with pytest.raises(SettingsError) as caught:
        read_settings(GOOD | tokens | with_policy(tmp_path, SECTION))
    for found, start in zip(caught.value.lines, lines, strict=True):
        assert found.startswith(f'{start}[[organization]] "acme-eu" ')
        assert not any(value in found for value in tokens.values() if value.strip())


@pytest.mark.parametrize(("token", "code"), [("pscale_tkn_eu-secret", 0), ("pscale_tkn_wrong", 1)])
async def test_check_tries_every_organization(token: str, code: int, tmp_path: Path) -> None:
    """`check` says a line for each organization, and fails if the token of any does not work."""
    house = House(ManualClock(), others={"acme-eu": "eu-id:pscale_tkn_eu-secret"})
    async with serve(house.app) as url:
        given = TOKENS | {"EU_TOKEN": token, "PORT": a_free_port()} | with_policy(tmp_path, SECTION)
        settings = house.move_in(url, socket_mode=False, **given)
        lines: list[str] = []
        assert await check(settings, lines.append) == code
        await house.close()
    here, there = (line[10:] for line in lines[-2:])
    assert here == "PlanetScale: token is good for acme · sees 0 databases"
    if code:
        assert there.startswith(
            "PlanetScale, organization acme-eu of the policy file: PlanetScale does not accept"
        )
        assert token not in there
    else:
        assert there == "PlanetScale: token is good for acme-eu · sees 0 databases"
