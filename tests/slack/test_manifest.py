from pathlib import Path

import pytest

from bot.cli import main
from bot.slack.manifest import SCOPES, AddressError, manifest

ROOT = Path(__file__).parent.parent.parent


def test_the_manifest_file_is_the_one_that_the_bot_prints() -> None:
    """`manifest.yml` cannot fall behind the code: it is what `workflow-bot manifest` prints for HTTP."""
    assert (ROOT / "manifest.yml").read_text() == manifest("https://workflow-bot.example.com")


def test_socket_mode_needs_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an address the manifest is for Socket Mode and names no URL."""
    assert main(["manifest"]) == 0
    printed = capsys.readouterr().out
    assert "socket_mode_enabled: true" in printed
    assert "url:" not in printed


def test_an_address_is_completed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--url` takes the bot's public address, with or without a slash at its end."""
    assert main(["manifest", "--url", "https://bot.example.org/"]) == 0
    assert "url: https://bot.example.org/slack/events" in capsys.readouterr().out


def test_every_scope_says_why() -> None:
    """Whoever installs the bot reads what each scope is for."""
    assert all(f"- {scope} # {why}\n" in manifest(None) for scope, why in SCOPES.items())


@pytest.mark.parametrize(
    "address",
    [
        "https://bot.example.org",
        "https://bot.example.org/",
        "https://bot.example.org/slack/events",
        " https://bot.example.org/slack/events/ ",
        "HTTPS://bot.example.org",
    ],
)
def test_slack_calls_the_path_of_the_bot(address: str) -> None:
    """However the host was typed, or pasted with the path, Slack is given the bot's own path there."""
    assert "url: https://bot.example.org/slack/events\n" in manifest(address)


@pytest.mark.parametrize("end", ["", "/", "/slack/events"])
def test_a_prefix_is_kept(end: str) -> None:
    """A bot behind a prefix is called under that prefix, wherever the manifest names an address."""
    printed = manifest(f"https://example.org/team/bot{end}")
    addresses = [line.split()[-1] for line in printed.splitlines() if "https://" in line]
    assert len(addresses) == 4
    assert set(addresses) == {"https://example.org/team/bot/slack/events"}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bot.example.org",
        "http://bot.example.org",
        "https://",
        "https:///path",
        "https://ana:secret@bot.example.org",
        "https://bot.example.org:port",
        "https://bot.example.org\nsettings: {}",
        "https://bot example.org",
        "https://bot.example.org/path?x=1",
        "https://bot.example.org/#y",
        "https://bot.example.org/a: b",
    ],
)
def test_an_address_that_slack_cannot_call_is_refused(address: str) -> None:
    """What is no https address is refused with a sentence that shows one."""
    with pytest.raises(AddressError, match=r"https://bot\.example\.org"):
        manifest(address)


def test_a_port_is_kept() -> None:
    """An address with a port stays one."""
    assert "url: https://bot.example.org:8443/slack/events\n" in manifest("https://bot.example.org:8443/")


def test_slack_tells_when_home_is_opened() -> None:
    """The app has a Home tab, and Slack is asked to say when somebody opens it, over HTTP or a socket."""
    for printed in (manifest(None), manifest("https://bot.example.org")):
        assert "home_tab_enabled: true\n" in printed
        assert "bot_events:\n      - app_home_opened\n" in printed
    events = "  event_subscriptions:\n    request_url: https://bot.example.org/slack/events\n"
    assert events in manifest("https://bot.example.org")
