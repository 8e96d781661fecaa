"""Promise: forged, replayed or foreign requests change nothing and learn nothing."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import httpx
import pytest

from bot.demo.slack.people import ANA
from tests.scenarios.conftest import MOVES, Stage, open_stage

COMMAND = {
    "command": "/workflow",
    "text": "show shop 3",
    "user_id": ANA,
    "team_id": "T0ACME",
    "channel_id": MOVES,
    "response_url": "http://127.0.0.1:9/never",
}
FORM = "application/x-www-form-urlencoded"
SECRET_WORDS = "hunter2-do-not-log"


async def post(
    stage: Stage,
    body: str | bytes,
    *,
    content_type: str = FORM,
    age: float = 0,
    signature: str | None = None,
    timestamp: str | None = None,
    secret: str | None = None,
) -> httpx.Response:
    """A request as Slack would sign it, but for what differs."""
    stamp = timestamp if timestamp is not None else str(int(stage.clock.now().timestamp() - age))
    raw = body.encode() if isinstance(body, str) else body
    key = (secret or stage.slack.signing_secret).encode()
    signed = "v0=" + hmac.new(key, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": content_type}
    if stamp:
        headers["X-Slack-Request-Timestamp"] = stamp
    if signature != "":
        headers["X-Slack-Signature"] = signature or signed
    async with httpx.AsyncClient() as client:
        return await client.post(f"{stage.url}/slack/events", content=body, headers=headers)


def nothing_happened(stage: Stage, calls: int) -> bool:
    return stage.asked == [] and len(stage.slack.calls) == calls


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret"},
        {"signature": ""},
        {"signature": "v0=0000"},
        {"signature": "nonsense"},
        {"timestamp": "soon"},
        {"timestamp": ""},
        {"timestamp": "123abc"},
        {"timestamp": "9" * 400},
        {"timestamp": "-1"},
        {"timestamp": "1e9"},
        {"age": 301},
        {"age": -301},
    ],
)
async def test_what_slack_did_not_sign_now_is_refused(
    http_stage: Stage, wrong: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong, missing or old signature gets 401; nothing is called, nothing of the body is logged."""
    calls = len(http_stage.slack.calls)
    answer = await post(http_stage, urlencode(COMMAND | {"text": SECRET_WORDS}), **wrong)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.text == ""
    await http_stage.bot.tasks.idle()
    assert nothing_happened(http_stage, calls)
    said = capsys.readouterr()
    assert SECRET_WORDS not in said.out + said.err


@pytest.mark.parametrize("age", [301, 400, -400, 7200, 10_000_000])
async def test_a_clock_that_is_off_is_named(
    http_stage: Stage, age: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What Slack signed minutes away is refused, and the log says by how much the clock is off."""
    calls = len(http_stage.slack.calls)
    answer = await post(http_stage, urlencode(COMMAND | {"text": SECRET_WORDS}), age=age)
    assert (answer.status_code, answer.text) == (401, "")
    await http_stage.bot.tasks.idle()
    assert nothing_happened(http_stage, calls)
    said = capsys.readouterr().out
    assert f"clock is {abs(age)} s {'fast' if age > 0 else 'slow'} by Slack's" in said
    assert SECRET_WORDS not in said


async def test_a_flood_does_not_fill_the_log(http_stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Of many forged requests, the first is logged, and a minute later how many there were."""
    for wrong in ({"secret": "another"}, {"signature": "v0=0"}, {"timestamp": "x"}, {"age": 400}) * 5:
        assert (await post(http_stage, urlencode(COMMAND), **wrong)).status_code == 401
    lines = capsys.readouterr().out.splitlines()
    assert sum("request_not_signed_by_slack" in line for line in lines) == 1
    assert sum("request_signed_at_another_time" in line for line in lines) == 1
    http_stage.clock.advance(60)
    await post(http_stage, urlencode(COMMAND), secret="another")
    [line] = [line for line in capsys.readouterr().out.splitlines() if "not_signed" in line]
    assert "times=19" in line


DEEP = "[" * 50_000 + "]" * 50_000


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b""),
        (FORM, b"payload="),
        (FORM, b"payload=null"),
        (FORM, b"payload=[]"),
        (FORM, b"payload=%7B"),
        (FORM, urlencode({"payload": DEEP}).encode()),
        (FORM, urlencode({"payload": "{}"}).encode()),
        (FORM, urlencode({"payload": json.dumps({"type": "block_actions", "actions": "x"})}).encode()),
        (
            FORM,
            urlencode({"payload": json.dumps({"type": "block_actions", "actions": [7], "user": 1})}).encode(),
        ),
        (FORM, urlencode({"payload": json.dumps({"type": "view_submission", "view": None})}).encode()),
        (FORM, b"command="),
        (FORM, b"command=%2Funknown&text=x"),
        (FORM, b"x" * 1000),
        (FORM, b"\xff\xfe\x00"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(1000))),
        ("application/json", b""),
        ("application/json", b"7"),
        ("application/json", DEEP.encode()),
        ("application/json", b'{"type": "event_callback"}'),
        ("application/json", b'{"type": "event_callback", "event": "x", "team_id": 5}'),
        ("application/json", b"\xff"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", b"hello"),
    ],
)
async def test_what_is_signed_but_garbled_is_refused(
    http_stage: Stage, content_type: str, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """However strange a signed body is, the answer is a 4xx and never a 5xx, and nothing is called."""
    calls = len(http_stage.slack.calls)
    answer = await post(http_stage, body, content_type=content_type)
    assert 400 <= answer.status_code < 500
    assert nothing_happened(http_stage, calls)
    said = capsys.readouterr()
    assert "xxxx" not in said.out + said.err


@pytest.mark.parametrize("size", [257 * 1024, 512 * 1024, 4 * 1024 * 1024])
async def test_a_huge_body_is_not_read_to_its_end(
    http_stage: Stage, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a megabyte of x is refused as too large, and quickly forgotten."""
    answer = await post(http_stage, b"x" * size)
    assert answer.status_code == 413
    said = capsys.readouterr()
    assert "xxxx" not in said.out + said.err


async def test_another_workspace_learns_nothing(http_stage: Stage) -> None:
    """A signed command from another workspace is answered with one sentence, whatever it asks."""
    for text in ("help", "show shop 3", "list shop"):
        answer = await post(http_stage, urlencode(COMMAND | {"team_id": "T0OTHER", "text": text}))
        assert answer.status_code == 200
        assert "Only full members of this workspace" in answer.text
    await http_stage.bot.tasks.idle()
    assert http_stage.asked == []


@pytest.mark.parametrize(
    "typed",
    [
        "show shop 3 --service-token=pscale_tkn_hunter2",
        "show shop 3 --service-token pscale_tkn_hunter2",
        "show shop 3 —service-token=pscale_tkn_hunter2",
        "--API-URL=https://hunter2.invalid list shop",
        "show shop 3 --service-tokne=pscale_tkn_hunter2",
        "pscale_tkn_hunter2",
    ],
)
async def test_a_token_typed_in_chat_is_nowhere(
    stage: Stage, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret that is typed is refused, with the advice to replace it, and is in no log, call or reply."""
    answer = await stage.type(typed)
    assert "refused and not stored" in answer
    assert ("should be replaced now" in answer) == ("pscale_tkn" in typed)
    said = capsys.readouterr()
    written = f"{said.out}{said.err}{answer}{stage.slack.calls}{stage.planetscale.requests}"
    assert "hunter2" not in written


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_health_says_alive_and_ready(socket_mode: bool) -> None:
    """`/healthz` and `/readyz` answer without a signature, in both modes."""
    async with open_stage(socket_mode=socket_mode) as stage, httpx.AsyncClient(base_url=stage.url) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/slack/events")).status_code in {404, 405}


async def test_in_socket_mode_nothing_is_taken_over_http() -> None:
    """With a socket open, a signed request over HTTP finds no door."""
    async with open_stage(socket_mode=True) as stage:
        assert (await post(stage, urlencode(COMMAND))).status_code == 404
