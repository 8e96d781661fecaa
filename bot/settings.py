"""Every setting, checked before anything starts. Nothing else reads the environment."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from bot.approvals.policy import Policy, PolicyError, load_policy
from bot.organizations import Organization, TokensMissingError, all_organizations
from bot.proxies import ProxyError, Route, route_to
from bot.store.engine.address import parse_address, secrets_of
from bot.store.errors import DatabaseAddressError

_NOT_UTF8 = "{} is not UTF-8 text: save it as UTF-8 (Windows and PowerShell may save UTF-16)."
DEFAULT_DATABASE_URL = "sqlite:///workflow-bot.sqlite3"

_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class SettingsError(Exception):
    """Settings are missing or bad: one line each, naming the setting and what to do."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def parse_duration(text: object) -> object:
    """`2s`, `90m`, `4h`, `1d` as a length of time; anything else is left for the type check to refuse."""
    if not isinstance(text, str):
        return text
    found = _DURATION.fullmatch(text.strip().lower())
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]]) if found else None


def _url(text: object) -> object:
    if not isinstance(text, str):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
    return text.rstrip("/") + "/" if plain and not (parts.query or parts.fragment) else None


def _secret(pattern: str) -> BeforeValidator:
    def check(text: object) -> object:
        return text if isinstance(text, str) and re.fullmatch(pattern, text) else None

    return BeforeValidator(check)


def _words(text: object) -> object:
    return tuple(filter(None, (word.strip() for word in text.split(",")))) if isinstance(text, str) else text


def _database_url(text: object) -> object:
    return text if isinstance(text, str) and _trouble_with(text) is None else None


def _trouble_with(database_url: str) -> str | None:
    """Why nothing can be kept there, as far as the address alone tells; without a part of it."""
    try:
        parse_address(database_url)
    except DatabaseAddressError as error:
        return str(error)
    return None


Url = Annotated[str, BeforeValidator(_url)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
DatabaseName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
OrganizationName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]


class Settings(BaseModel):
    """The bot's settings, under the names that the environment gives them."""

    model_config = ConfigDict(frozen=True, populate_by_name=False, hide_input_in_errors=True)

    slack_bot_token: Annotated[SecretStr, _secret(r"xoxb-[\x21-\x7e]+")] = Field(alias="SLACK_BOT_TOKEN")
    slack_signing_secret: Annotated[SecretStr, _secret(r"[\x21-\x7e]{8,}")] | None = Field(
        None, alias="SLACK_SIGNING_SECRET"
    )
    slack_app_token: Annotated[SecretStr, _secret(r"xapp-[\x21-\x7e]+")] | None = Field(
        None, alias="SLACK_APP_TOKEN"
    )
    slack_api_url: Url = Field("https://slack.com/api/", alias="SLACK_API_URL")
    planetscale_token_id: Annotated[SecretStr, _secret(r"[\x21-\x39\x3b-\x7e]+")] = Field(
        alias="PLANETSCALE_SERVICE_TOKEN_ID"
    )
    planetscale_token: Annotated[SecretStr, _secret(r"[\x21-\x7e]+")] = Field(
        alias="PLANETSCALE_SERVICE_TOKEN"
    )
    planetscale_org: OrganizationName = Field(alias="PLANETSCALE_ORG")
    planetscale_api_url: Url = Field("https://api.planetscale.com/", alias="PLANETSCALE_API_URL")
    database_url: Annotated[str, BeforeValidator(_database_url)] = Field(
        DEFAULT_DATABASE_URL, alias="DATABASE_URL"
    )
    port: int = Field(3000, alias="PORT", ge=1, le=65535)
    policy: Path | None = Field(None, alias="WORKFLOW_BOT_POLICY")
    channel: str | None = Field(None, alias="WORKFLOW_BOT_CHANNEL", pattern=r"^[CG][A-Z0-9]{2,20}$")
    databases: Annotated[tuple[DatabaseName, ...], BeforeValidator(_words)] = Field(
        (), alias="WORKFLOW_BOT_DATABASES"
    )
    poll_seconds: float = Field(15.0, alias="WORKFLOW_BOT_POLL_SECONDS", gt=0, le=3600, allow_inf_nan=False)
    approval_ttl: Duration = Field(
        timedelta(minutes=30),
        alias="WORKFLOW_BOT_APPROVAL_TTL",
        ge=timedelta(seconds=1),
        le=timedelta(days=7),
    )
    api_budget: int = Field(480, alias="WORKFLOW_BOT_API_BUDGET", ge=10, le=600)
    metrics_port: int | None = Field(None, alias="WORKFLOW_BOT_METRICS_PORT", ge=1, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="WORKFLOW_BOT_LOG_LEVEL")
    log_format: Literal["json", "console"] = Field("json", alias="WORKFLOW_BOT_LOG_FORMAT")
    _organizations: tuple[Organization, ...] = PrivateAttr(())
    _route: Route = PrivateAttr(Route())
    _env_file: Path | None = PrivateAttr(None)

    @property
    def env_file(self) -> Path | None:
        """The file that filled up what the environment left out; `None` where there was none."""
        return self._env_file

    def was_filled_from(self, env_file: Path) -> None:
        """Remember the file from which settings were read."""
        self._env_file = env_file

    @property
    def route(self) -> Route:
        """How Slack is reached: through a proxy that the environment names, or without one."""
        return self._route

    def find_route(self, environ: Mapping[str, str]) -> None:
        """Look for a proxy. Raises `SettingsError` for one that cannot be used."""
        try:
            self._route = route_to(urlsplit(self.slack_api_url).hostname or "", environ)
        except ProxyError as error:
            raise SettingsError([str(error)]) from None

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """All that the bot works for: that of the settings first, then those of the policy file."""
        return self._organizations or (self._own_organization(),)

    def find_organizations(self, variable: Callable[[str], str | None]) -> None:
        """Look up the tokens of the policy's organizations. Raises `SettingsError`."""
        try:
            self._organizations = all_organizations(read_policy(self), self._own_organization(), variable)
        except TokensMissingError as error:
            raise SettingsError(error.lines) from None

    def _own_organization(self) -> Organization:
        return Organization(
            self.planetscale_org, self.planetscale_token_id, self.planetscale_token, self.databases
        )

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached over a socket of ours instead of calling us."""
        return self.slack_app_token is not None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log's redaction."""
        held = (
            self.slack_bot_token,
            self.slack_signing_secret,
            self.slack_app_token,
            *(secret for one in self.organizations for secret in (one.token_id, one.token)),
        )
        return (
            *(secret.get_secret_value() for secret in held if secret),
            *self.route.passwords,
            *secrets_of(self.database_url),
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a setting is and what a good value looks like, for the person who starts the bot."""

    what: str
    form: str


EXPLANATIONS: Mapping[str, Explanation] = {
    "SLACK_BOT_TOKEN": Explanation("the app's bot token, from OAuth & Permissions", "it starts with xoxb-"),
    "SLACK_SIGNING_SECRET": Explanation(
        "the app's signing secret, from Basic Information; required for HTTP, or set SLACK_APP_TOKEN for "
        "Socket Mode",
        "at least 8 characters, no spaces",
    ),
    "SLACK_APP_TOKEN": Explanation("the app-level token for Socket Mode", "it starts with xapp-"),
    "SLACK_API_URL": Explanation("the address of Slack's Web API", "an http(s) address without query"),
    "PLANETSCALE_SERVICE_TOKEN_ID": Explanation(
        "the id of the PlanetScale service token", "no spaces, no colon"
    ),
    "PLANETSCALE_SERVICE_TOKEN": Explanation("the PlanetScale service token itself", "no spaces"),
    "PLANETSCALE_ORG": Explanation("the PlanetScale organization", "letters, digits, - and _"),
    "PLANETSCALE_API_URL": Explanation(
        "the address of the PlanetScale API", "an http(s) address without query"
    ),
    "DATABASE_URL": Explanation(
        "the address of the bot's own database", "sqlite:///file.sqlite3, postgres://… or postgresql://…"
    ),
    "PORT": Explanation("the HTTP port", "a number from 1 to 65535"),
    "WORKFLOW_BOT_POLICY": Explanation("the path of the policy file", "a TOML file that can be read"),
    "WORKFLOW_BOT_CHANNEL": Explanation(
        "the channel for what has no channel of its own", "a channel id such as C0123456789, not a name"
    ),
    "WORKFLOW_BOT_DATABASES": Explanation(
        "the databases to discover workflows in", "names with commas between"
    ),
    "WORKFLOW_BOT_POLL_SECONDS": Explanation(
        "the time between two reads of a copying workflow", "seconds, more than 0 and at most 3600"
    ),
    "WORKFLOW_BOT_APPROVAL_TTL": Explanation(
        "the time that an approval may wait", "30m, 90m or 4h: from 1s to 7d"
    ),
    "WORKFLOW_BOT_API_BUDGET": Explanation(
        "the number of requests to PlanetScale in any 60 s, for each organization",
        "a number from 10 to 600, PlanetScale's own limit",
    ),
    "WORKFLOW_BOT_METRICS_PORT": Explanation("the port of /metrics", "a number from 1 to 65535"),
    "WORKFLOW_BOT_LOG_LEVEL": Explanation("the least level that is logged", "debug, info, warning or error"),
    "WORKFLOW_BOT_LOG_FORMAT": Explanation("the form of log lines", "json or console"),
}


def read_settings(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """The settings from `environ`, filled up from `env_file` if there is one. Empty values count as missing.

    The tokens of the policy's organizations come from the same two places. Raises `SettingsError` naming
    every missing or bad setting.
    """
    filed = _env_file(env_file) if env_file else {}
    known = {name: environ.get(name) or filed.get(name) for name in EXPLANATIONS}
    given: dict[str, Any] = {name: value.strip() for name, value in known.items() if value and value.strip()}
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        names = dict.fromkeys(str(part["loc"][0]) for part in error.errors(include_input=False))
        problems += [_problem(name, given) for name in names]
    if not given.get("SLACK_SIGNING_SECRET") and not given.get("SLACK_APP_TOKEN"):
        problems.append(_explain("SLACK_SIGNING_SECRET", missing=True))
    if "WORKFLOW_BOT_POLICY" in given and not Path(given["WORKFLOW_BOT_POLICY"]).is_file():
        problems.append(_explain("WORKFLOW_BOT_POLICY", missing=False))
    if settings and settings.metrics_port == settings.port:
        problems.append("WORKFLOW_BOT_METRICS_PORT is not usable: it is the same as PORT. Name another.")
    if problems or settings is None:
        if env_file and env_file.is_dir():
            problems.append(f"{env_file.name} is a folder, not a file: remove it, or put the file there.")
        raise SettingsError(problems)
    if env_file and env_file.is_file():
        settings.was_filled_from(env_file)
    settings.find_route(environ)
    settings.find_organizations(lambda name: environ.get(name) or filed.get(name))
    return settings


def read_policy(settings: Settings) -> Policy:
    """The policy of this bot. Raises `SettingsError`, a line for each thing that is wrong."""
    try:
        text = settings.policy.read_text(encoding="utf-8") if settings.policy else None
        return load_policy(text, approval_ttl=settings.approval_ttl, organization=settings.planetscale_org)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"WORKFLOW_BOT_POLICY cannot be read: {type(error).__name__}."]) from None
    except PolicyError as error:
        raise SettingsError([f"WORKFLOW_BOT_POLICY: {line}" for line in error.lines]) from None


def _env_file(path: Path) -> Mapping[str, str | None]:
    """What stands in a `.env` file; nothing where there is none, or a folder that a bind mount made of it."""
    if not path.is_file():
        return {}
    try:
        text = path.read_bytes().decode("utf-8-sig")  # some editors begin a file with a byte-order mark
    except UnicodeDecodeError:
        raise SettingsError([_NOT_UTF8.format(path.name)]) from None
    except OSError as error:
        raise SettingsError([f"{path.name} cannot be read: {error.strerror}."]) from None
    if "\0" in text:
        raise SettingsError([_NOT_UTF8.format(path.name)])
    return dotenv_values(stream=StringIO(text), interpolate=False)


def load_settings() -> Settings:
    """The settings of this process: its environment, and a `.env` file in the working directory.

    Raises `SettingsError`.
    """
    return read_settings(os.environ, Path(".env"))


def load_database_url() -> str:
    """`DATABASE_URL` alone, for what needs nothing else. Raises `SettingsError`."""
    text = (os.environ.get("DATABASE_URL") or _env_file(Path(".env")).get("DATABASE_URL") or "").strip()
    if text and _trouble_with(text):
        raise SettingsError([_problem("DATABASE_URL", {"DATABASE_URL": text})])
    return text or DEFAULT_DATABASE_URL


def demo_port() -> int:
    """The demo needs one setting only: `PORT`, default 3000. Raises `SettingsError`."""
    text = os.environ.get("PORT") or "3000"
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise SettingsError([_explain("PORT", missing=False)])
    return int(text)


def _problem(name: str, given: Mapping[str, str]) -> str:
    if name == "DATABASE_URL" and name in given:
        return f"{name} is not usable: {_trouble_with(given[name])} ({EXPLANATIONS[name].form})."
    return _explain(name, missing=name not in given)


def _explain(name: str, *, missing: bool) -> str:
    explanation = EXPLANATIONS[name]
    verb = "is missing" if missing else "is not usable"
    return f"{name} {verb}: set it to {explanation.what} ({explanation.form})."
