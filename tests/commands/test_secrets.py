"""Secrets typed in chat: refused, and nothing of them kept."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands.flags import REFUSED
from bot.commands.model import Command, Mistake, SecretTyped
from bot.commands.parser import parse
from tests.commands import strategies as typed
from tests.rows import each_row

SECRET = "hunter2"
DASHES = ["--", "-", "—", "–", "———", "−−", "－－", "‑", "- -"]


@each_row("name", REFUSED)
@each_row("dashes", DASHES)
@each_row("glue", ["=", " ", " = ", ":", "=“", " '", "\u00a0"])
def test_refused_flags_in_every_form(name: str, dashes: str, glue: str) -> None:
    """A secret or an endpoint is refused in whatever way the flag is written."""
    for line in (
        f"show shop 3 {dashes}{name}{glue}{SECRET}",
        f"{dashes}{name}{glue}{SECRET} show shop 3",
        f"{dashes}{name.upper()}{glue}{SECRET}",
        f"shwo {dashes}{name.replace('-', '_')}{glue}{SECRET} --help",
        f"pscale {dashes}{name}{glue}{SECRET} workflow cutover shop 3",
        f"show shop 3 -- {dashes}{name}{glue}{SECRET}",
        f'"show shop 3 {dashes}{name}{glue}{SECRET}',
        f"show shop 3 {dashes}{name[:3]}\u200b{name[3:]}{glue}{SECRET}",
    ):
        parsed = parse(line)
        assert isinstance(parsed, SecretTyped), line
        assert SECRET not in repr(parsed)


def test_the_refused_flag_is_named() -> None:
    """The refusal names the flag, without its value."""
    assert parse(f"show shop 3 --Service-Token={SECRET}") == SecretTyped(flag="--service-token")
    assert parse(f"show shop 3 --service-tokne {SECRET}") == SecretTyped(flag="--service-token")


@pytest.mark.parametrize("name", ["--api-token", "--service-token-id", "--config"])
def test_a_refused_flag_without_value_is_refused_too(name: str) -> None:
    """A refused flag is refused even where its value is forgotten."""
    assert parse(f"show shop 3 {name}") == SecretTyped(flag=name)


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("show shop 3 --api-url https://api.example.org", "--api-url"),
        ("show shop 3 --api-url=https://api.example.org", "--api-url"),
        ("show shop 3 --config ~/.pscale.yml", "--config"),
        ("PLANETSCALE_API_URL=https://api.example.org show shop 3", "--api-url"),
        ("show shop 3 --api-url https://x --service-token hunter2", "--service-token"),
        ("show shop 3 --config x --api-url https://x?y=pscale_tkn_abc", None),
        ("show shop 3 --api-url https://ana:hunter2@api.example.org", None),
        ("show shop 3 --config x --password hunter2", None),
    ],
)
def test_an_endpoint_is_told_from_a_secret(line: str, flag: str | None) -> None:
    """An address alone is refused as what it is; with a secret in the same line, the secret counts."""
    assert parse(line) == SecretTyped(flag=flag)


@each_row(
    "typed",
    [
        "pscale_tkn_abc",
        "pscale_oauth_abc",
        "pscale_pw_abc",
        "PSCALE_TKN_abc",
        "id:pscale_tkn_abc",
        "pscale_'tkn'_abc",
        "pscale_\u200btkn_abc",
        "xoxb-1-abc",
        "xoxp-1-abc",
        "xapp-1-abc",
        "xoxe.xoxp-1-abc",
    ],
)
@each_row(
    "line", ["{}", "show {} 3", "show shop 3 --name={}", "show shop 3 {}", "--frob {}", "x" * 4000 + " {}"]
)
def test_bare_tokens_are_recognised(typed: str, line: str) -> None:
    """A token that shows what it is by its beginning is refused anywhere in the text."""
    assert parse(line.format(typed)) == SecretTyped()


@pytest.mark.parametrize(
    "line",
    [
        "PLANETSCALE_SERVICE_TOKEN=hunter2 show shop 3",
        "show shop 3 service-token: hunter2",
        "show shop 3 --token hunter2",
        "show shop 3 --password=hunter2",
        "show shop 3 --api-key hunter2",
        "show shop—service-token hunter2",
    ],
)
def test_what_sounds_like_a_secret_is_refused(line: str) -> None:
    """Settings and invented flags that name a secret are refused as well."""
    assert isinstance(parse(line), SecretTyped)


@pytest.mark.parametrize(
    "line",
    [
        "show config 3",
        "show my-config 3",
        "list prod-service-token",
        "create shop main -i --name token --tables api_tokens,passwords,user-secrets",
        "create shop main -i --defer-secondary-keys=false",
        "pscale workflow list shop",
    ],
)
def test_harmless_names_are_not_taken_for_secrets(line: str) -> None:
    """Databases and tables may be called after tokens, secrets and configuration."""
    assert isinstance(parse(line), Command)


@st.composite
def _misspelt(draw: st.DrawFn) -> str:
    """A refused flag with a letter left out, doubled or swapped with the next."""
    name = draw(st.sampled_from(REFUSED))
    at = draw(st.integers(0, len(name) - 2))
    slips = [
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ]
    return draw(st.sampled_from(slips))


@settings(deadline=None)
@given(
    _misspelt(),
    st.sampled_from(DASHES),
    st.sampled_from(["=", " "]),
    st.sampled_from(["show shop 3 {}", "{} show shop 3", "{}", "shwo {} 3 shop"]),
)
@example("service-tokne", "--", "=", "show shop 3 {}")
def test_a_misspelt_refused_flag_keeps_its_secret(name: str, dashes: str, glue: str, line: str) -> None:
    """A slip in the name of a refused flag never brings its value into an answer."""
    parsed = parse(line.format(f"{dashes}{name}{glue}{SECRET}"))
    assert SECRET not in repr(parsed)
    assert isinstance(parsed, SecretTyped)


@settings(deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=60), st.sampled_from(["--", "—", "-"]))
def test_no_unknown_flag_gives_away_its_value(name: str, dashes: str) -> None:
    """Whatever an unknown flag is called, the value after its `=` is not repeated."""
    parsed = parse(f"list shop {dashes}x{name}={SECRET}!")
    assert isinstance(parsed, (Mistake, SecretTyped))
    assert SECRET not in repr(parsed)


@settings(deadline=None, max_examples=300)
@given(
    typed.texts,
    st.sampled_from(REFUSED),
    st.sampled_from(DASHES),
    st.sampled_from(["=", " ", '="', "\u00a0"]),
    typed.texts,
)
def test_a_secret_is_found_wherever_it_stands(
    before: str, name: str, dashes: str, glue: str, after: str
) -> None:
    """Whatever else was typed around it, a refused flag refuses the whole line."""
    parsed = parse(f"{before} {dashes}{name}{glue}{SECRET} {after}")
    assert isinstance(parsed, SecretTyped)
    assert SECRET not in repr(parsed)
