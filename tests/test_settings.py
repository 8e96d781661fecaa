"""Settings: a stranger who starts the bot wrongly is told what to do."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.settings import EXPLANATIONS, Settings, SettingsError, read_settings

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "PLANETSCALE_SERVICE_TOKEN_ID": "tokenid",
    "PLANETSCALE_SERVICE_TOKEN": "pscale_tkn_secret",
    "PLANETSCALE_ORG": "acme",
}


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    return caught.value.lines


def test_the_defaults_are_the_documented_ones() -> None:
    """With only the required settings, everything else has its documented default."""
    settings = read_settings(GOOD)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.planetscale_api_url == "https://api.planetscale.com/"
    assert (settings.port, settings.api_budget, settings.poll_seconds) == (3000, 480, 15.0)
    assert settings.approval_ttl == timedelta(minutes=30)
    assert (settings.log_level, settings.log_format) == ("info", "json")
    assert not settings.socket_mode


def test_every_missing_setting_is_named_in_a_line_of_its_own() -> None:
    """An empty environment gets one line for each required setting, and nothing starts."""
    lines = problems({})
    assert [line.split()[0] for line in lines] == [
        "SLACK_BOT_TOKEN",
        "PLANETSCALE_SERVICE_TOKEN_ID",
        "PLANETSCALE_SERVICE_TOKEN",
        "PLANETSCALE_ORG",
        "SLACK_SIGNING_SECRET",
    ]
    assert all("is missing" in line and "set it to" in line and "\n" not in line for line in lines)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-user-token"),
        ("SLACK_SIGNING_SECRET", "short"),
        ("SLACK_SIGNING_SECRET", "  "),
        ("SLACK_SIGNING_SECRET", ""),
        ("SLACK_APP_TOKEN", "xoxb-not-an-app-token"),
        ("SLACK_API_URL", "slack.com"),
        ("SLACK_API_URL", "https://user:password@slack.com/"),
        ("PLANETSCALE_API_URL", "ftp://api.planetscale.com"),
        ("PLANETSCALE_API_URL", "https://api.planetscale.com:port"),
        ("PLANETSCALE_SERVICE_TOKEN_ID", "id:with-colon"),
        ("PLANETSCALE_SERVICE_TOKEN", "two words"),
        ("PLANETSCALE_ORG", "ac/me"),
        ("DATABASE_URL", "mysql://x"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("WORKFLOW_BOT_POLICY", "/does/not/exist.toml"),
        ("WORKFLOW_BOT_CHANNEL", "#db-moves"),
        ("WORKFLOW_BOT_DATABASES", "shop,Shop EU"),
        ("WORKFLOW_BOT_POLL_SECONDS", "0"),
        ("WORKFLOW_BOT_POLL_SECONDS", "nan"),
        ("WORKFLOW_BOT_APPROVAL_TTL", "30"),
        ("WORKFLOW_BOT_APPROVAL_TTL", "0s"),
        ("WORKFLOW_BOT_API_BUDGET", "6000"),
        ("WORKFLOW_BOT_METRICS_PORT", "0"),
        ("WORKFLOW_BOT_LOG_LEVEL", "loud"),
        ("WORKFLOW_BOT_LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_setting_is_named_without_its_value(name: str, value: str) -> None:
    """A value that cannot be used stops the start, and the line does not repeat it: it may be a secret."""
    lines = problems(GOOD | {name: value})
    assert [line.split()[0] for line in lines] == [name]
    assert EXPLANATIONS[name].form in lines[0]
    assert len(value.strip()) < 3 or value not in lines[0]


@pytest.mark.parametrize("port", [{}, {"PORT": "9464"}])
def test_the_figures_need_a_port_of_their_own(port: dict[str, str]) -> None:
    """The port of the figures is not that of Slack's requests, whether that is named or not."""
    same = port.get("PORT", "3000")
    [line] = problems(GOOD | port | {"WORKFLOW_BOT_METRICS_PORT": same})
    assert line.startswith("WORKFLOW_BOT_METRICS_PORT is not usable")


def test_an_app_token_means_socket_mode() -> None:
    """With an app token no signing secret is needed."""
    given = {name: value for name, value in GOOD.items() if name != "SLACK_SIGNING_SECRET"}
    assert read_settings(given | {"SLACK_APP_TOKEN": "xapp-1-a"}).socket_mode


def test_a_dot_env_file_fills_what_the_environment_leaves_open(tmp_path: Path) -> None:
    """Values from the environment win over those of the file."""
    file = tmp_path / ".env"
    file.write_text("PLANETSCALE_ORG=filed\nPORT=4000\n# a comment\n")
    without = {name: value for name, value in GOOD.items() if name != "PLANETSCALE_ORG"}
    assert read_settings(without, file).planetscale_org == "filed"
    assert read_settings(GOOD | {"PORT": "5000"}, file).port == 5000


def test_secrets_do_not_show() -> None:
    """No secret can be read from the settings as they are printed."""
    settings = read_settings(GOOD)
    for secret in settings.secrets:
        assert secret not in f"{settings!r} {settings} {settings.model_dump()}"
    assert len(settings.secrets) == 4


def test_every_setting_is_explained_and_in_the_readme() -> None:
    """No setting exists that a person is not told about."""
    aliases = {field.alias for field in Settings.model_fields.values()}
    assert aliases == set(EXPLANATIONS)
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    assert [name for name in EXPLANATIONS if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_start_without_settings_ends_with_a_list(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`workflow-bot run` without settings prints one line for each and exits with 2, without a traceback."""
    monkeypatch.chdir(tmp_path)
    for name in EXPLANATIONS:
        monkeypatch.delenv(name, raising=False)
    assert main([command]) == 2
    said = capsys.readouterr().err
    assert "PLANETSCALE_ORG is missing" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_from_any_editor(begin: bytes, end: bytes, tmp_path: Path) -> None:
    """A `.env` with a byte-order mark or with Windows' line ends is read like any other."""
    file = tmp_path / ".env"
    file.write_bytes(begin + end.join(f"{name}={value}".encode() for name, value in GOOD.items()))
    assert read_settings({}, file).planetscale_org == "acme"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_file_in_another_encoding(encoding: str, tmp_path: Path) -> None:
    """A `.env` that is not UTF-8 is named in one line that says how to save it."""
    file = tmp_path / ".env"
    file.write_bytes(
        "".join(f"{name}={value}\n" for name, value in GOOD.items()).encode(encoding) + b"\n# \xe9\n"
    )
    with pytest.raises(SettingsError) as caught:
        read_settings({}, file)
    assert caught.value.lines == [
        ".env is not UTF-8 text: save it as UTF-8 (Windows and PowerShell may save UTF-16)."
    ]


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """The folder that a bind mount makes of a missing file is named where settings are missing."""
    folder = tmp_path / ".env"
    folder.mkdir()
    with pytest.raises(SettingsError) as caught:
        read_settings({}, folder)
    assert caught.value.lines[-1] == ".env is a folder, not a file: remove it, or put the file there."
    assert read_settings(GOOD, folder).planetscale_org == "acme"


def test_no_log_holds_the_database_s_password() -> None:
    """The password of the bot's own database is blacked out as it was typed and as it is used."""
    settings = read_settings(GOOD | {"DATABASE_URL": "postgres://ana:p%40ssword@db/bot"})
    assert {"p%40ssword", "p@ssword"} <= set(settings.secrets)
