"""Everything that can come over the wire instead of a good answer, for a read and for a change."""

import gzip
import json
import logging
import traceback
from dataclasses import dataclass

import httpx
import pytest
import structlog

from bot.demo.clock import ManualClock
from bot.planetscale.budget import Budget
from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.wire import MOST_BYTES, MOST_BYTES_OF_AN_ERROR, Timeouts
from tests.planetscale.conftest import REF, TOKEN, TOKEN_ID, WORKFLOW, Open, client_of
from tests.planetscale.wire import RawServer, Reply, Then, reply

GOOD = reply(WORKFLOW).data
HTML = b"<html><body>502 Bad Gateway</body></html>"
HASTY = Timeouts(read=0.03, change=0.03)
HASTY_IN_ALL = Timeouts(whole_read=0.03, whole_change=0.03)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@dataclass(frozen=True)
class Case:
    """What the server does; what a read makes of it, and after how many requests; what a change does."""

    name: str
    step: Reply
    kind: FailureKind
    tries: int = 3
    certain: bool = False
    refused: bool = False
    seen: int | None = None
    timeouts: Timeouts | None = None


def _lost(name: str, data: bytes, then: Then = Then.CLOSE) -> Case:
    return Case(name, Reply(data, then), FailureKind.NO_ANSWER)


def _silent(name: str, data: bytes, timeouts: Timeouts = HASTY) -> Case:
    return Case(name, Reply(data, Then.HANG), FailureKind.NO_ANSWER, timeouts=timeouts)


def _strange(name: str, step: Reply) -> Case:
    return Case(name, step, FailureKind.NOT_UNDERSTOOD, tries=1)


def _no(status: int, kind: FailureKind) -> Case:
    return Case(f"{status}", reply({"code": "x", "message": "no"}, status), kind, tries=1, refused=True)


CASES = [
    Case("closed unread", Reply(then=Then.CLOSE, unread=True), FailureKind.NO_ANSWER, seen=0),
    Case("reset unread", Reply(then=Then.RESET, unread=True), FailureKind.NO_ANSWER, seen=0),
    _lost("closed before the answer", b""),
    _lost("reset before the answer", b"", Then.RESET),
    _lost("half a status line", GOOD[:7]),
    _lost("half the headers", GOOD[:30]),
    _lost("half the body", GOOD[:-9]),
    _lost("chunks that are none", CHUNKED + b"zz\r\nrubbish"),
    _lost("a chunk cut off", CHUNKED + b"ff\r\n{"),
    _lost("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    _lost("another protocol", b"SSH-2.0-OpenSSH_9.7\r\n\r\n"),
    _lost("endless headers", b"HTTP/1.1 200 OK\r\n" + b"X-Fill: " + b"x" * 200_000),
    _silent("silence", b""),
    _silent("silence in the headers", GOOD[:30]),
    _silent("silence in the body", GOOD[:-9]),
    _silent("too slow in all", GOOD[:-9], HASTY_IN_ALL),
    _strange("HTML", reply(HTML)),
    _strange("nothing", reply(b"")),
    _strange("204", Reply(b"HTTP/1.1 204 No Content\r\n\r\n")),
    _strange("null", reply(None)),
    _strange("a list", reply([WORKFLOW])),
    _strange("a string", reply("taken")),
    _strange("an empty object", reply({})),
    _strange("an error with 200", reply({"code": "not_found", "message": "no"})),
    _strange("another workflow", reply({**WORKFLOW, "number": 4})),
    _strange("a state of the wrong type", reply({**WORKFLOW, "state": 7})),
    _strange("a flag of the wrong type", reply({**WORKFLOW, "primaries_switched": "perhaps"})),
    _strange("half a JSON text", reply(b'{"name": "a", "number": 3')),
    _strange("more after the JSON text", reply(b"{}{}")),
    _strange("deep nesting", reply(DEEP)),
    _strange("a number of 5000 digits", reply(b'{"number": ' + b"9" * 5000 + b"}")),
    _strange("not a number", reply(b'{"name": "a", "number": NaN, "state": "running"}')),
    _strange("no UTF-8", reply(b'{"name": "\xff\xfe", "number": 3, "state": "running"}')),
    _strange("half a surrogate", reply(b'{"name": "\\ud800", "number": 3, "state": "running"}')),
    _strange(
        "packed", reply(gzip.compress(json.dumps(WORKFLOW).encode()), headers={"Content-Encoding": "gzip"})
    ),
    _strange(
        "packed twice",
        reply(gzip.compress(gzip.compress(b"0" * 9_000_000)), headers={"Content-Encoding": "gzip, gzip"}),
    ),
    Case("too big", reply(b" " * (MOST_BYTES + 1)), FailureKind.TOO_BIG, tries=1),
    _no(400, FailureKind.INVALID),
    _no(401, FailureKind.UNAUTHORIZED),
    _no(402, FailureKind.REFUSED),
    _no(403, FailureKind.FORBIDDEN),
    _no(404, FailureKind.NOT_FOUND),
    _no(405, FailureKind.REFUSED),
    _no(409, FailureKind.CONFLICT),
    _no(410, FailureKind.REFUSED),
    _no(418, FailureKind.REFUSED),
    _no(422, FailureKind.INVALID),
    _no(451, FailureKind.REFUSED),
    *(_no(status, FailureKind.REDIRECTED) for status in (300, 301, 302, 303, 304, 305, 307, 308)),
    Case("403 in HTML", reply(HTML, 403), FailureKind.FORBIDDEN, tries=1, refused=True),
    Case(
        "404 cut off",
        Reply(reply(HTML, 404).data[:-5], Then.CLOSE),
        FailureKind.NOT_FOUND,
        tries=1,
        refused=True,
    ),
    Case(
        "422 with an endless body",
        Reply(b"HTTP/1.1 422 No\r\n\r\n" + b"x" * (MOST_BYTES_OF_AN_ERROR * 3), Then.HANG),
        FailureKind.INVALID,
        tries=1,
        refused=True,
    ),
    Case("408", reply(b"", 408), FailureKind.TROUBLE),
    *(
        Case(f"{status}", reply(HTML, status), FailureKind.TROUBLE)
        for status in (500, 501, 502, 503, 504, 520, 599)
    ),
    Case("no such status", reply(b"", 777), FailureKind.NOT_UNDERSTOOD, tries=1),
    Case("429", reply({"message": "slow down"}, 429), FailureKind.LIMITED, certain=True),
    Case("429 in HTML", reply(HTML, 429, {"Retry-After": "1"}), FailureKind.LIMITED, certain=True),
    Case("429 for long", reply(b"", 429, {"Retry-After": "60"}), FailureKind.LIMITED, tries=1, certain=True),
]


def _text_of(error: PlanetScaleError) -> str:
    lines = traceback.format_exception(error)
    return "\n".join([*lines, repr(error), str(error), repr(vars(error)), repr(error.args)])


def _check_silence(error: PlanetScaleError) -> None:
    assert TOKEN not in _text_of(error)
    assert TOKEN_ID not in _text_of(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_read(opened: Open, case: Case) -> None:
    """Whatever answers a read, it ends in one typed error, after three tries where trying again can help."""
    async with opened(case.step, timeouts=case.timeouts) as (client, server):
        with pytest.raises(PlanetScaleError) as caught:
            await client.workflow(REF)
        expected = case.tries if case.seen is None else case.seen
        assert len(await server.saw(expected)) == expected
        assert server.connections == case.tries or not case.step.unread
    error = caught.value
    assert (error.kind, error.refused) == (case.kind, case.refused)
    assert error.certainly_nothing_changed
    assert error.what.endswith(".")
    assert error.todo.endswith(".")
    _check_silence(error)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_change(opened: Open, case: Case) -> None:
    """Whatever answers a change, it was sent once, and the error says whether it can have been taken."""
    seen = 1 if case.seen is None else case.seen
    async with opened(case.step, timeouts=case.timeouts) as (client, server):
        with pytest.raises(PlanetScaleError) as caught:
            await client.call(REF, WorkflowCall.CUTOVER)
        assert len(await server.saw(seen)) == seen
        assert server.connections == 1
    error = caught.value
    assert (error.kind, error.refused, error.certainly_nothing_changed) == (
        case.kind,
        case.refused,
        case.certain,
    )
    assert not error.retryable_read
    assert ("look before" in error.todo) == (not case.certain and not case.refused)
    _check_silence(error)


async def test_nobody_listens(opened: Open, clock: ManualClock) -> None:
    """Where no connection can be made it is certain that nothing changed, whatever was sent."""
    async with opened(Reply()) as (_, server):
        url = server.url
    async with client_of(url, clock) as client:
        new = NewWorkflow(name="n", branch_name="b", source_keyspace="s", target_keyspace="t", tables=("a",))
        for call in (
            client.workflow(REF),
            client.call(REF, WorkflowCall.CANCEL),
            client.create("acme", "shop", new),
        ):
            with pytest.raises(PlanetScaleError) as caught:
                await call
            assert caught.value.kind is FailureKind.UNREACHABLE
            assert caught.value.certainly_nothing_changed
            assert caught.value.what == "PlanetScale did not answer."
            _check_silence(caught.value)
    assert len([nap for nap in clock.slept if nap >= 0.5]) == 2, "the read was tried three times"


async def test_no_tls(clock: ManualClock) -> None:
    """A server that cannot speak TLS counts as no connection: nothing was sent."""
    plain = RawServer(Reply(b"HTTP/1.1 400 plain\r\n\r\n", Then.CLOSE, unread=True))
    async with (
        plain.running() as server,
        client_of(server.url.replace("http:", "https:"), clock) as client,
    ):
        with pytest.raises(PlanetScaleError) as caught:
            await client.call(REF, WorkflowCall.CUTOVER)
    assert caught.value.kind is FailureKind.UNREACHABLE
    assert caught.value.certainly_nothing_changed
    assert server.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_lead_nowhere(opened: Open, status: int) -> None:
    """No redirect is followed, neither to another host nor to the same: nobody else sees the credentials."""
    async with RawServer(reply(WORKFLOW)).running() as other:
        for location in (f"{other.url}/v1/x", "/v1/elsewhere"):
            async with opened(reply(b"", status, {"Location": location})) as (client, server):
                for call in (client.workflow(REF), client.call(REF, WorkflowCall.CANCEL)):
                    with pytest.raises(PlanetScaleError) as caught:
                        await call
                    assert caught.value.kind is FailureKind.REDIRECTED
            assert len(server.seen) == 2
        assert other.connections == 0


async def test_connection_closed_at_reuse(opened: Open) -> None:
    """A kept connection that is closed just as a read uses it is not noticed by the person who asked."""
    script = (reply(WORKFLOW), Reply(then=Then.CLOSE), reply({**WORKFLOW, "state": "cutover"}))
    async with opened(*script) as (client, server):
        await client.workflow(REF)
        assert (await client.workflow(REF)).state == "cutover"
    assert [seen.connection for seen in server.seen] == [1, 1, 2]


async def test_nothing_secret_is_repeated(opened: Open) -> None:
    """A token that the other side repeats is in no error, in no message of it, and in no log of the bot's."""
    echo = f"unknown token {TOKEN_ID}:{TOKEN[:9]}\u200b{TOKEN[9:]} or {TOKEN}"
    step = reply({"message": echo}, 401, {"X-Echo": TOKEN, "Location": f"/{TOKEN}"})
    with structlog.testing.capture_logs() as logs:
        async with opened(step) as (client, _):
            for call in (client.workflow(REF), client.call(REF, WorkflowCall.CANCEL)):
                with pytest.raises(PlanetScaleError) as caught:
                    await call
                assert caught.value.said == f"unknown token {TOKEN_ID}:… or …"
                assert TOKEN not in _text_of(caught.value)
            assert TOKEN not in f"{client!r} {vars(client)!r} {logs!r}"


async def test_log_lines(opened: Open) -> None:
    """Each request leaves one line: method, path without names, status, duration; no content."""
    script = (reply(WORKFLOW), reply({"message": "secret row"}, 422))
    with structlog.testing.capture_logs() as logs:
        async with opened(*script) as (client, _):
            await client.workflow(REF)
            with pytest.raises(PlanetScaleError):
                await client.call(REF, WorkflowCall.RETRY)
    path = "organizations/{organization}/databases/{database}/workflows/{number}"
    event = {"event": "request to PlanetScale", "seconds": 0.0}
    assert logs == [
        {**event, "log_level": "debug", "method": "GET", "path": path, "status": 200, "failure": None},
        {
            **event,
            "log_level": "info",
            "method": "PATCH",
            "path": f"{path}/retry",
            "status": 422,
            "failure": "invalid",
        },
    ]


async def test_libraries_log_no_secret(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    """Even with every library's log at its loudest, the token is in none of it."""
    for library in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=library)
    async with opened(reply(WORKFLOW)) as (client, _):
        await client.workflow(REF)
    assert caplog.records
    assert TOKEN not in caplog.text


def _raising(failure: Exception) -> httpx.MockTransport:
    def handler(_: httpx.Request) -> httpx.Response:
        raise failure

    return httpx.MockTransport(handler)


@pytest.mark.parametrize(
    ("failure", "kind", "certain"),
    [
        (httpx.ConnectTimeout(TOKEN), FailureKind.UNREACHABLE, True),
        (httpx.PoolTimeout(TOKEN), FailureKind.UNREACHABLE, True),
        (httpx.WriteTimeout(TOKEN), FailureKind.NO_ANSWER, False),
        (httpx.WriteError(TOKEN), FailureKind.NO_ANSWER, False),
        (httpx.ProxyError(TOKEN), FailureKind.NO_ANSWER, False),
        (httpx.LocalProtocolError(TOKEN), FailureKind.NOT_SENT, False),
        (httpx.InvalidURL(TOKEN), FailureKind.NOT_SENT, False),
        (ConnectionResetError(TOKEN), FailureKind.NO_ANSWER, False),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_exceptions(clock: ManualClock, failure: Exception, kind: FailureKind, certain: bool) -> None:
    """What the HTTP library raises becomes a typed error, without its words."""
    async with client_of("http://api.invalid", clock, transport=_raising(failure)) as client:
        with pytest.raises(PlanetScaleError) as read:
            await client.workflow(REF)
        with pytest.raises(PlanetScaleError) as change:
            await client.call(REF, WorkflowCall.COMPLETE)
    assert (read.value.kind, read.value.certainly_nothing_changed) == (kind, True)
    assert (change.value.kind, change.value.certainly_nothing_changed) == (kind, certain)
    _check_silence(read.value)
    _check_silence(change.value)


@pytest.mark.parametrize(
    ("url", "token_id", "token"),
    [
        ("ftp://api.planetscale.com/", TOKEN_ID, TOKEN),
        ("api.planetscale.com", TOKEN_ID, TOKEN),
        ("https://", TOKEN_ID, TOKEN),
        (f"https://user:{TOKEN}@api.planetscale.com/", TOKEN_ID, TOKEN),
        (f"https://api.planetscale.com/?{TOKEN}", TOKEN_ID, TOKEN),
        (f"https://api.planetscale.com:{TOKEN}/", TOKEN_ID, TOKEN),
        ("https://api.planetscale.com/", "", TOKEN),
        ("https://api.planetscale.com/", TOKEN_ID, ""),
        ("https://api.planetscale.com/", TOKEN_ID, f"{TOKEN}\r\nX-More: 1"),
        ("https://api.planetscale.com/", TOKEN_ID, f"{TOKEN} "),
        ("https://api.planetscale.com/", TOKEN_ID, f"{TOKEN}é"),
    ],
)
def test_useless_settings(clock: ManualClock, url: str, token_id: str, token: str) -> None:
    """An address or a token that cannot be used is refused at once, and not repeated."""
    with pytest.raises(ValueError, match=r"must (look like|be printable)") as caught:
        PlanetScale(base_url=url, token_id=token_id, token=token, budget=Budget(480, clock), clock=clock)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
