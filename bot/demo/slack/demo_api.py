"""The routes that the demo's page calls, under `/demo`."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.demo.slack import asks
from bot.demo.slack.inputs import FormError, Touch
from bot.demo.slack.model import Delivery, Json, Message, SlackError, View
from bot.demo.slack.person_view import state_for
from bot.demo.slack.small_slack import SmallSlack

Completions = Callable[[str], Iterable[object]]
"""What could be typed next: dataclass instances, sent to the page as they are."""
Handler = Callable[[Request], Awaitable[Response]]
NO_STORE = {"Cache-Control": "no-store"}
HEARTBEAT_SECONDS = 20.0


def demo_routes(slack: SmallSlack, completions: Completions = lambda _: ()) -> list[BaseRoute]:
    """State, live changes, and everything that a person can do. Errors are JSON: `{"error": sentence}`."""
    page = PageApi(slack, completions)
    posts: dict[str, Handler] = {
        "say": page.say,
        "press": page.press,
        "shortcut": page.shortcut,
        "view/submit": page.submit,
        "view/close": page.close,
        "options": page.options,
        "dismiss": page.dismiss,
        "home": page.home,
    }
    gets: dict[str, Handler] = {
        "state": page.state,
        "events": page.events,
        "complete": page.complete,
        "files/{name}": page.file,
    }
    return [
        *(Route(f"/demo/{path}", _told(handler), methods=["POST"]) for path, handler in posts.items()),
        *(Route(f"/demo/{path}", _told(handler), methods=["GET"]) for path, handler in gets.items()),
    ]


def _told(handler: Handler) -> Handler:
    """The handler, with everything that a person may get wrong told as JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except HTTPException as error:
            return _json({"error": error.detail}, error.status_code)
        except FormError as error:
            return _json({"errors": error.errors}, 422)
        except SlackError as error:
            return _json({"error": error.error}, 409)
        except PermissionError as error:
            return _json({"error": str(error)}, 403)
        except LookupError as error:
            return _json({"error": str(error.args[0]) if error.args else "not found"}, 404)
        except ValueError as error:
            return _json({"error": str(error)}, 422)

    return endpoint


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, NO_STORE)


def _delivered(delivery: Delivery | None) -> Response:
    if delivery is None:
        return _json({"ok": True})
    return _json(
        {"ok": delivery.ok, "problem": delivery.problem, "milliseconds": round(delivery.milliseconds)}
    )


class PageApi:
    """What the page asks for."""

    def __init__(self, slack: SmallSlack, completions: Completions) -> None:
        self._slack = slack
        self._completions = completions

    def _who(self, user: str | None) -> str:
        person = self._slack.people.get(user or "")
        if person is None or person.bot or person.deleted:
            raise HTTPException(404, "there is no such person")
        return person.id

    async def state(self, request: Request) -> Response:
        return _json(state_for(self._slack, self._who(request.query_params.get("user"))))

    async def events(self, request: Request) -> Response:
        self._who(request.query_params.get("user"))
        return StreamingResponse(self._changes(), media_type="text/event-stream", headers=NO_STORE)

    async def _changes(self) -> AsyncIterator[str]:
        changes, version = self._slack.world.changes, -1
        while not changes.stopped:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    version = await changes.newer_than(version)
                if not changes.stopped:
                    yield f"event: changed\ndata: {version}\n\n"
            except TimeoutError:
                yield ": still here\n\n"

    async def complete(self, request: Request) -> Response:
        text = request.query_params.get("text", "")[:2000]
        found = [
            dataclasses.asdict(item)
            for item in self._completions(text)
            if dataclasses.is_dataclass(item) and not isinstance(item, type)
        ]
        return _json({"completions": found})

    async def file(self, request: Request) -> Response:
        """A shared file, for somebody who sees a message with it."""
        user = self._who(request.query_params.get("user"))
        name = request.path_params["name"]
        for message in self._slack.world.seen_by(user):
            for file in message.files:
                if file.id == name and file.content is not None:
                    shown = "inline" if file.is_picture else "attachment"
                    headers = NO_STORE | {
                        "Content-Disposition": f"{shown}; filename*=UTF-8''{_quoted(file.name)}",
                        "X-Content-Type-Options": "nosniff",
                    }
                    kind = "image/png" if file.is_picture else "application/octet-stream"
                    return Response(file.content, media_type=kind, headers=headers)
        raise HTTPException(404, "there is no such file")

    async def say(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Say)
        user = self._who(ask.user)
        if not ask.text.startswith("/"):
            await self._slack.talk(user, ask.channel, ask.text, ask.thread_ts)
            return _json({"ok": True})
        command, _, text = ask.text.partition(" ")
        channel = self._slack.world.channel_for(ask.channel, user)
        if ask.thread_ts:
            self._slack.notice(
                user, channel.id, f"{command} does not work in threads. Type it in the channel."
            )
        elif command != "/workflow":
            self._slack.notice(user, channel.id, f"{command[:80]} is not a command here. Try /workflow help")
        else:
            return _delivered(await self._slack.command(user, channel.id, command, text.strip()))
        return _json({"ok": True})

    async def press(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Press)
        touch = Touch(ask.action_id, ask.block_id, ask.value, ask.values)
        return _delivered(await self._slack.touch(self._who(ask.user), self._place(ask), touch))

    async def shortcut(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Shortcut)
        user = self._who(ask.user)
        message = self._message(user, ask.channel, ask.ts)
        return _delivered(await self._slack.shortcut(user, message, ask.callback_id))

    async def options(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Options)
        user = self._who(ask.user)
        found = await self._slack.options(
            user, self._place(ask), ask.action_id, ask.text, block_id=ask.block_id
        )
        return _json({"options": [_option(option) for option in found]})

    async def submit(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Submit)
        view = self._view(self._who(ask.user), ask.view_id)
        delivery = await self._slack.submit(ask.user, ask.values, view)
        body = delivery.body if isinstance(delivery.body, dict) else {}
        if delivery.ok and body.get("response_action") == "errors":
            return _json({"errors": body.get("errors", {})}, 422)
        return _delivered(delivery)

    async def close(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Close)
        view = self._view(self._who(ask.user), ask.view_id)
        return _delivered(await self._slack.close(ask.user, view))

    async def dismiss(self, request: Request) -> Response:
        """Take an ephemeral message away."""
        ask = await asks.read(request, asks.Dismiss)
        message = self._slack.world.find(ask.channel, ask.ts, only_for=self._who(ask.user))
        if message is None:
            raise HTTPException(404, "there is no such message")
        self._slack.world.remove(message)
        return _json({"ok": True})

    async def home(self, request: Request) -> Response:
        ask = await asks.read(request, asks.Ask)
        return _delivered(await self._slack.open_home(self._who(ask.user)))

    def _place(self, ask: asks.Place) -> Message | View:
        if ask.view_id:
            return self._view(ask.user, ask.view_id)
        return self._message(ask.user, ask.channel, ask.ts)

    def _message(self, user: str, channel: str | None, ts: str | None) -> Message:
        for message in self._slack.world.seen_by(user):
            if (message.channel, message.ts) == (channel, ts):
                return message
        raise HTTPException(404, "there is no such message")

    def _view(self, user: str, view_id: str) -> View:
        view = self._slack.world.views.get(view_id)
        if view is None or view.user != user:
            raise HTTPException(404, "that form is closed already")
        return view


def _quoted(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)


def _option(option: Json) -> Json:
    return {"text": option["text"]["text"], "value": option["value"]}
