"""Signed `/workflow help`, from request to ack: one at a time and sixteen at a time."""

import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

SECRET = "small-slack-signing-secret"


@dataclass(frozen=True)
class Figures:
    """Of one series: milliseconds to the ack, and acks a second."""

    median: float
    p99: float
    throughput: float


@contextlib.contextmanager
def server(which: str) -> Iterator[int]:
    """A server in its own process; gives its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.servers", which], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def signed(text: str) -> bytes:
    """One HTTP request as Slack sends it, ready for the wire."""
    form = {
        "command": "/workflow",
        "text": text,
        "user_id": "U0ANA",
        "team_id": "T0ACME",
        "channel_id": "C0DBMOVES",
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:9/none",
    }
    body, stamp = urlencode(form), str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    head = (
        "POST /slack/events HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-www-form-urlencoded",
        f"X-Slack-Request-Timestamp: {stamp}",
        f"X-Slack-Signature: {signature}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", body)).encode()


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    began = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return time.perf_counter() - began


async def series(port: int, at_a_time: int, requests: int) -> Figures:
    """`requests` requests over `at_a_time` kept-alive connections."""
    request = signed("help")
    times: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(requests // at_a_time):
            times.append(await _one(reader, writer, request))
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(at_a_time)))
    took = time.perf_counter() - began
    ordered = sorted(times)
    return Figures(
        statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.99)] * 1000, len(ordered) / took
    )


async def measure(which: str, rounds: int = 3) -> dict[int, Figures]:
    """The median round of each series."""
    found: dict[int, Figures] = {}
    with server(which) as port:
        await series(port, 1, 200)  # warm
        for at_a_time, requests in ((1, 600), (16, 4800)):
            runs = [await series(port, at_a_time, requests) for _ in range(rounds)]
            found[at_a_time] = sorted(runs, key=lambda run: run.median)[rounds // 2]
    return found


async def report() -> None:
    """Print both, side by side."""
    bot, bolt = await measure("bot"), await measure("bolt")
    print("Signed `help` acks      median      p99    acks/s")
    for at_a_time in (1, 16):
        for name, found in (("bot", bot), ("empty Bolt app", bolt)):
            one = found[at_a_time]
            figures = f"{one.median:7.2f} ms {one.p99:6.2f} ms {one.throughput:8.0f}"
            print(f"  {at_a_time:>2} at a time, {name:<15}{figures}")
        print(
            f"     → median {bolt[at_a_time].median / bot[at_a_time].median:.1f} times shorter, "
            f"{bot[at_a_time].throughput / bolt[at_a_time].throughput:.1f} times the throughput"
        )
