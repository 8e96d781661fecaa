"""The HTTP edge for the bot: `/api/{method}`, `/response/…`, `/upload/…` and the socket."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from bot.demo.slack import chat_methods as chat
from bot.demo.slack import people_methods as people
from bot.demo.slack import validating
from bot.demo.slack import view_methods as views
from bot.demo.slack.arguments import Arguments
from bot.demo.slack.faults import Fault
from bot.demo.slack.model import Call, Json, SlackError
from bot.demo.slack.small_slack import SmallSlack
from bot.demo.slack.world import World

Method = Callable[[World, Arguments], Json]

METHODS: Mapping[str, Method] = {
    "auth.test": people.auth_test,
    "users.info": people.users_info,
    "users.list": people.users_list,
    "usergroups.users.list": people.usergroup_users,
    "conversations.info": people.conversation_info,
    "conversations.members": people.conversation_members,
    "conversations.open": people.conversation_open,
    "conversations.history": people.history,
    "conversations.replies": people.replies,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.unfurl": chat.unfurl,
    "chat.getPermalink": chat.get_permalink,
    "views.open": views.open_view,
    "views.push": views.push_view,
    "views.update": views.update_view,
    "views.publish": views.publish_view,
    "blocks.validate": validating.validate,
    "files.getUploadURLExternal": views.upload_url,
    "files.completeUploadExternal": views.complete_upload,
}
SOCKET_METHOD = "apps.connections.open"


class CutOff(Response):
    """Begins to answer and breaks off: the caller's connection is lost after the work was done."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def api_routes(slack: SmallSlack) -> list[BaseRoute]:
    """The routes that the bot calls; mount them where `SmallSlack.connect` says."""
    edge = Edge(slack)
    return [
        Route("/api/{method}", edge.api, methods=["GET", "POST"]),
        Route("/response/{name}", edge.response_url, methods=["POST"]),
        Route("/upload/{name}", edge.upload, methods=["POST", "PUT"]),
        WebSocketRoute("/socket", slack.sockets.serve),
    ]


class Edge:
    """Reads requests, meets faults and limits, records every call."""

    def __init__(self, slack: SmallSlack) -> None:
        self._slack = slack

    async def api(self, request: Request) -> Response:
        method = request.path_params["method"]
        arguments = await _arguments(request)
        token = str(arguments.pop("token", ""))
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            token = bearer.strip()
        return await self._answer(request, method, arguments, lambda: self._call(method, arguments, token))

    def _call(self, method: str, arguments: Json, token: str) -> Json:
        if not token:
            raise SlackError("not_authed")
        if method == SOCKET_METHOD:
            return self._connections_open(token)
        if token == self._slack.app_token:
            raise SlackError("not_allowed_token_type")
        if token != self._slack.bot_token:
            raise SlackError("invalid_auth")
        if self._slack.token_refused:
            raise SlackError(self._slack.token_refused)
        if method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        answer = METHODS[method](self._slack.world, Arguments(arguments))
        if method == "chat.postMessage":
            self._slack.echo(answer["channel"], answer["ts"])
        return answer

    def _connections_open(self, token: str) -> Json:
        if token == self._slack.bot_token:
            raise SlackError("not_allowed_token_type")
        if token != self._slack.app_token:
            raise SlackError("invalid_auth")
        base = self._slack.world.public_url.replace("http", "ws", 1)
        return {"url": f"{base}/socket?ticket={self._slack.sockets.new_ticket()}"}

    async def response_url(self, request: Request) -> Response:
        body = await _arguments(request)
        name = request.path_params["name"]
        return await self._answer(
            request, "response_url", body, lambda: self._slack.responses.use(name, body), refused=404
        )

    async def upload(self, request: Request) -> Response:
        name, content = request.path_params["name"], await request.body()
        return await self._answer(
            request,
            "upload",
            {"file_id": name, "length": len(content)},
            lambda: views.upload(self._slack.world, name, content),
            refused=400,
        )

    async def _answer(
        self, request: Request, method: str, arguments: Json, work: Callable[[], Json], refused: int = 200
    ) -> Response:
        """Do the work unless a fault or a limit comes first, and record what was answered."""
        fault = self._slack.faults.take(method, arguments)
        wait = self._slack.limits.wait(method, str(arguments.get("channel", "")))
        status, answer, headers = 200, _fault_answer(fault), dict[str, str]()
        if fault and fault.how == "status":
            status, answer = fault.status, {"ok": False, "error": "ratelimited"}
        elif wait is not None:
            status, answer = 429, {"ok": False, "error": "ratelimited"}
            headers = {"Retry-After": str(wait)}
        elif answer is None:
            status, answer = _done(work, refused)
        if fault and fault.retry_after is not None:
            headers = {"Retry-After": str(fault.retry_after)}
        now = self._slack.clock.now()
        self._slack.calls.append(
            Call(at=now, method=method, arguments=arguments, status=status, answer=answer)
        )
        if fault and fault.how == "hang":
            await self._until_gone(request)
        if fault and fault.how == "lose":
            return CutOff()
        if fault and (fault.how == "garbage" or status >= 500):
            return PlainTextResponse(
                "<html><body>Something went wrong</body></html>", status, media_type="text/html"
            )
        return JSONResponse(answer, status, headers)

    async def _until_gone(self, request: Request) -> None:
        """Return when the caller has given up, or the server stops."""
        gone = asyncio.ensure_future(request.receive())
        stopped = asyncio.ensure_future(self._slack.world.changes.until_stopped())
        try:
            await asyncio.wait((gone, stopped), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            stopped.cancel()


def _fault_answer(fault: Fault | None) -> Json | None:
    """What is answered instead of doing anything, if so."""
    if fault is None or fault.how in ("lose", "status"):
        return None
    return {"ok": False, "error": fault.error or fault.how}


def _done(work: Callable[[], Json], refused: int) -> tuple[int, Json]:
    try:
        return 200, {"ok": True} | work()
    except SlackError as error:
        return refused, {"ok": False, "error": error.error} | error.details


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _arguments(request: Request) -> Json:
    """Query, form and JSON arguments together. What cannot be read is no argument."""
    arguments: dict[str, Any] = dict(request.query_params)
    try:
        if _kind(request) == "application/json":
            body = json.loads(await request.body() or b"{}")
            return arguments | body if isinstance(body, dict) else arguments
        return arguments | dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    except (ValueError, RecursionError, ClientDisconnect):
        return arguments
