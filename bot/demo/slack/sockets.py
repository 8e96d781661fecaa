"""Socket Mode: the bot's connections, and deliveries over one of them."""

import asyncio
import itertools
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.demo.slack.model import APP, Json

KINDS_WITH_RESPONSE = ("slash_commands", "interactive")


class Sockets:
    """The open connections. Each delivery goes to one of them, in turn."""

    def __init__(self) -> None:
        self._open: list[WebSocket] = []
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._open)

    async def until_connected(self, count: int = 1) -> None:
        """Return when so many connections are open (0: when none is)."""
        while self.connected < count or (count == 0 and self.connected):
            self._changed.clear()
            await self._changed.wait()

    def new_ticket(self) -> str:
        """A name that lets one connection in."""
        ticket = f"W{next(self._numbers):08d}"
        self._tickets.add(ticket)
        return ticket

    async def serve(self, websocket: WebSocket) -> None:
        """One connection, from `hello` to its end."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await websocket.close(1008)
            return
        self._tickets.discard(ticket)
        await websocket.accept()
        await websocket.send_json(
            {
                "type": "hello",
                "num_connections": self.connected + 1,
                "debug_info": {"host": "small-slack", "approximate_connection_time": 18060},
                "connection_info": {"app_id": APP},
            }
        )
        self._open.append(websocket)
        self._changed.set()
        try:
            while True:
                self._ack(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(websocket)

    def _ack(self, text: str) -> None:
        try:
            ack = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(ack, dict) and isinstance(ack.get("envelope_id"), str):
            waiting = self._acks.get(ack["envelope_id"])
            if waiting and not waiting.done():
                waiting.set_result(ack.get("payload"))

    async def deliver(self, kind: str, payload: Json, envelope_id: str, retry: int = 0) -> Any:
        """Send one envelope and return the payload of its ack. Waits for ever: bound it."""
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": kind in KINDS_WITH_RESPONSE,
            "payload": payload,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        websocket = self._open.pop(0)
        self._open.append(websocket)
        ack = self._acks[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await websocket.send_json(envelope)
            return await ack
        finally:
            del self._acks[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested", *, close: bool = True) -> None:
        """Tell every connection to go (`warning` comes before a refresh and does not close)."""
        for websocket in list(self._open):
            await websocket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "small-slack"}}
            )
            if close:
                self._forget(websocket)
                await websocket.close()

    def _forget(self, websocket: WebSocket) -> None:
        if websocket in self._open:
            self._open.remove(websocket)
            self._changed.set()
