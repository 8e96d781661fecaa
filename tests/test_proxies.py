"""The proxy on the way to Slack: what desktops, VPNs and container hosts set."""

from base64 import b64encode

import pytest
from starlette import routing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from bot.cli import main
from bot.clients import reply_client, slack_client
from bot.clock import SystemClock
from bot.diagnostics.check_model import DiagnosticSubject
from bot.diagnostics.slack import bot_token
from bot.proxies import ProxyError, Route, route_to
from bot.settings import Settings, read_policy, read_settings
from bot.slack.connect import find_home
from tests.serve import serve
from tests.test_settings import GOOD, problems

HTTP = "http://proxy.example:3128"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTPS_PROXY": ""},
        {"HTTPS_PROXY": HTTP, "NO_PROXY": "*"},
        {"HTTPS_PROXY": HTTP, "NO_PROXY": "localhost, slack.com"},
        {"HTTPS_PROXY": HTTP, "no_proxy": ".slack.com"},
        {"HTTPS_PROXY": HTTP, "NO_PROXY": "*.SLACK.com"},
        {"HTTPS_PROXY": "socks5://127.0.0.1:1080", "NO_PROXY": "slack.com"},
    ],
)
def test_without_a_proxy(environ: dict[str, str]) -> None:
    """Where none is named, or Slack is exempt from it, Slack is reached directly."""
    assert route_to("slack.com", environ) == Route()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "no_proxy", ["", "localhost,fd07:b51a:cc66:f0::/64", "10.0.0.0/8", "[::1]", "fd00::/999", ",", "k.com"]
)
def test_through_a_proxy(variable: str, no_proxy: str) -> None:
    """An HTTP proxy of any of the usual variables is used, whatever else stands in NO_PROXY."""
    route = route_to("slack.com", {variable: HTTP, "NO_PROXY": no_proxy})
    assert (route.proxy, route.variable, route.note) == (HTTP, variable, "")


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [("10.1.2.3", "10.0.0.0/8"), ("fd07::5", "fd07::/16"), ("fd07::5", "[fd07::5]"), ("127.0.0.1", "")],
)
def test_addresses_are_exempt_by_their_network(host: str, no_proxy: str) -> None:
    """A stand-in for Slack at an address is found without the proxy where its network is exempt."""
    assert route_to(host, {"HTTPS_PROXY": HTTP, "NO_PROXY": no_proxy}) == Route()


def test_an_address_without_a_scheme() -> None:
    """`proxy.example:3128` is read as other programs read it: as an HTTP proxy."""
    assert route_to("slack.com", {"HTTPS_PROXY": "proxy.example:3128"}).proxy == HTTP


@pytest.mark.parametrize(
    "value", ["socks5://u:hunter2@127.0.0.1:1080", "ftp://x", "http://", "http://x:99999", "http://[::1"]
)
def test_what_cannot_be_used_is_named(value: str) -> None:
    """A proxy for Slack that cannot be used is named in one line, without its address, and nothing starts."""
    with pytest.raises(ProxyError):
        route_to("slack.com", {"HTTPS_PROXY": value})
    [line] = problems(GOOD | {"HTTPS_PROXY": value})
    assert line.startswith("HTTPS_PROXY is not usable: set it to the address of an HTTP proxy")
    assert "hunter2" not in line


async def test_a_socks_proxy_for_all() -> None:
    """`ALL_PROXY=socks5://…`, which other programs may need, is not used, and both clients can be made."""
    settings = read_settings(GOOD | {"ALL_PROXY": "socks5://127.0.0.1:41999"})
    assert settings.route.proxy is None
    assert settings.route.note.startswith("ALL_PROXY is not usable:")
    assert settings.route.note.endswith("It is not used: Slack is asked without a proxy.")
    assert slack_client(settings).proxy is None
    await reply_client(settings).aclose()


async def test_both_clients_go_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages and answers take the one proxy, and neither looks into the environment by itself."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://elsewhere:1")
    monkeypatch.setenv("NO_PROXY", "fd07:b51a:cc66:f0::/64")
    settings = read_settings(GOOD | {"HTTPS_PROXY": HTTP})
    assert slack_client(settings).proxy == HTTP
    await reply_client(settings).aclose()


def test_its_password_is_a_secret() -> None:
    """A proxy's password is in no log, as it is typed or as it is meant."""
    settings = read_settings(GOOD | {"HTTPS_PROXY": "http://bot:p%40ss@proxy.example:3128"})
    assert {"p%40ss", "p@ss"} <= set(settings.secrets)


@pytest.mark.parametrize("command", ["run", "check"])
def test_run_and_check_say_the_same(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be used is a line of both, and the exit code is that of a bad setting."""
    for name, value in (GOOD | {"HTTPS_PROXY": "socks5://127.0.0.1:1"}).items():
        monkeypatch.setenv(name, value)
    assert main([command]) == 2
    assert capsys.readouterr().err.splitlines()[1].startswith("  HTTPS_PROXY is not usable")


class Proxy:
    """An HTTP proxy that has Slack behind it, and wants a password."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked: list[str] = []
        self.app = Starlette(routes=[routing.Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if request.headers.get("Proxy-Authorization") != f"Basic {b64encode(b'bot:p@ss').decode()}":
            return PlainTextResponse("who are you?", status_code=407)
        if self.status != 200:
            return RedirectResponse("http://portal.example/login", status_code=self.status)
        return JSONResponse({"ok": True, "team_id": "T0ACME", "user_id": "U0WFBOT"})


def behind(url: str, password: str = "p%40ss") -> Settings:
    where = url.removeprefix("http://")
    proxy = {"HTTPS_PROXY": f"http://bot:{password}@{where}", "SLACK_API_URL": "http://slack.test/api/"}
    return read_settings(GOOD | proxy)


async def test_a_proxy_with_a_password() -> None:
    """Calls and answers go through a proxy that wants a password."""
    proxy = Proxy()
    async with serve(proxy.app) as url:
        settings = behind(url)
        home = await find_home(slack_client(settings))
        async with reply_client(settings) as http:
            await http.post("http://slack.test/reply/1", json={})
    assert home.team_id == "T0ACME"
    assert proxy.asked == ["/api/auth.test", "/reply/1"]


@pytest.mark.parametrize(("password", "status"), [("wrong", 200), ("p%40ss", 302), ("p%40ss", 307)])
async def test_a_proxy_that_lets_nothing_through(password: str, status: int) -> None:
    """A proxy that refuses the password, or shows a page to log in at, is named in the line about Slack."""
    proxy = Proxy(status)
    lines: list[str] = []
    async with serve(proxy.app) as url:
        settings = behind(url, password)
        subject = DiagnosticSubject(settings, read_policy(settings), slack_client(settings), SystemClock())
        lines += [finding.text for finding in await bot_token(subject)]
    [line] = lines
    assert line.startswith("SLACK_BOT_TOKEN could not be checked:")
    assert line.endswith("It is asked through the proxy of HTTPS_PROXY.")
    assert password not in line
