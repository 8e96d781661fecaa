"""What an operator gets who installs the wheel: `make acceptance`."""

import re
import signal
import subprocess
from pathlib import Path

import httpx

from bot import __version__
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, DB_MOVES
from tests.acceptance.installation import Installation, Running, Street
from tests.store.postgres import PostgresServer

A_DAY = 26 * 3600.0


def test_nothing_of_this_tree(installation: Installation, tmp_path: Path) -> None:
    """The bot that is tried here is the wheel's."""
    found = subprocess.run(  # noqa: S603 - our own
        [installation.python, "-c", "import bot; print(bot.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()).is_relative_to(installation.folder)


async def test_tools(street: Street) -> None:
    """An operator is told the version, gets the manifest, and is told what is missing."""
    assert (await street.say("--version")).out == f"workflow-bot {__version__}\n"
    assert "socket_mode_enabled: true" in (await street.say("manifest")).out
    (street.folder / ".env").unlink()
    refused = await street.say("run")
    assert refused.code == 2
    assert "SLACK_BOT_TOKEN is missing" in refused.complaint


async def test_demo(street: Street) -> None:
    """The demo is in the wheel, with all that its page is made of."""
    async with street.running("demo") as demo, httpx.AsyncClient(trust_env=False) as browser:
        page = (await browser.get(demo.url)).text
        parts = re.findall(r'(?:src|href)="([^"#:]+)"', page)
        assert len(parts) > 2
        for part in parts:
            assert (await browser.get(f"{demo.url}/{part.lstrip('/')}")).status_code == 200, part


async def test_check(street: Street) -> None:
    """`check` finds nothing wrong where nothing is."""
    found = await street.say("check")
    assert found.code == 0, found.out


async def test_run(street: Street) -> None:
    """In one process on SQLite what a second person approved is done once, told and kept."""
    async with street.running("run") as bot:
        await _complete(street, bot)
        second = await street.say("run")
        assert second.code == 1
        assert "another process is using" in second.out
    assert "current schema already" in (await street.say("migrate")).out
    audit = await street.say("audit", "--requests", "--format", "csv")
    assert audit.code == 0
    assert ANA in audit.out
    assert (await street.say("audit", "--verify")).out.startswith("The audit log is whole")


async def test_socket(street: Street) -> None:
    """Over Socket Mode the bot answers without an address of its own; a token that was rotated it takes over
    at SIGHUP, without a restart."""
    slack, planetscale = street.house.slack, street.house.planetscale
    planetscale.add_workflow("shop", 3, "copying")
    street.write(SLACK_APP_TOKEN=slack.app_token)
    async with street.running("run") as bot:
        await slack.sockets.until_connected()
        planetscale.credentials = "new-id:pscale_tkn_new"
        street.write(PLANETSCALE_SERVICE_TOKEN_ID="new-id", PLANETSCALE_SERVICE_TOKEN="pscale_tkn_new")
        bot.process.send_signal(signal.SIGHUP)
        await street.until(lambda: "tokens_read" in bot.log.read_text(), "the tokens are read again")
        await slack.command(ANA, DB_MOVES, "/workflow", "show shop 3")
        await street.until(lambda: "orders-to-customer" in _private(street), "show is answered")
        assert "pscale_tkn_new" not in bot.log.read_text()


def _private(street: Street) -> str:
    """What Ana alone reads."""
    slack = street.house.slack
    return "\n".join(slack.visible_text(one, ANA) for one in slack.ephemeral_for(ANA))


async def test_parts(street: Street, postgres: PostgresServer) -> None:
    """On PostgreSQL one process answers Slack and another acts."""
    street.write(DATABASE_URL=postgres.url(postgres.create()))
    assert (await street.say("migrate")).code == 0
    async with street.running("worker"), street.running("web") as web:
        await _complete(street, web)


async def _complete(street: Street, bot: Running) -> None:
    """Ana asks, Ben approves, PlanetScale takes one request, and the card says that it is done."""
    slack, planetscale = street.house.slack, street.house.planetscale
    slack.sender.url = f"{bot.url}/slack/events"
    planetscale.add_workflow("shop", 3, "cutover", ago=A_DAY)
    assert (await slack.command(ANA, DB_MOVES, "/workflow", "complete shop 3")).problem is None
    await street.until(lambda: _with(street, "[Approve]"), "the card is posted")
    card = _with(street, "[Approve]")[0]
    assert (await slack.press(BEN, card, "op_approve")).problem is None
    await street.until(lambda: _with(street, "✅ Done · Complete"), "the card says that it is done")
    sent = [(one.method, one.path.rpartition("/")[2]) for one in planetscale.requests if one.method != "GET"]
    assert sent == [("PATCH", "complete")]


def _with(street: Street, words: str) -> list[Message]:
    """The messages in the channel that read so."""
    slack = street.house.slack
    return [one for one in slack.messages(DB_MOVES) if words in slack.visible_text(one)]
