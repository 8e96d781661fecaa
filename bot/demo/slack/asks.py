"""What the page sends, checked. Whatever does not fit is refused with a sentence."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES = 200_000

Name = Annotated[str, Field(min_length=1, max_length=255)]
Choice = str | list[str] | None
FormValues = dict[str, dict[str, Choice]]
M = TypeVar("M", bound=BaseModel)


class Ask(BaseModel):
    """What every request says: who acts."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    user: Name


class Say(Ask):
    channel: Name
    text: Annotated[str, Field(min_length=1, max_length=40_000)]
    thread_ts: Name | None = None


class Place(Ask):
    """A message, or a view."""

    channel: Name | None = None
    ts: Name | None = None
    view_id: Name | None = None


class Press(Place):
    block_id: Name
    action_id: Name
    value: Choice = None
    values: FormValues = Field(default_factory=dict)


class Shortcut(Ask):
    """A message, and what of the app is used on it."""

    channel: Name
    ts: Name
    callback_id: Name


class Options(Place):
    block_id: Name
    action_id: Name
    text: Annotated[str, Field(max_length=3000)] = ""


class Submit(Ask):
    view_id: Name
    values: FormValues = Field(default_factory=dict)


class Close(Ask):
    view_id: Name


class Dismiss(Ask):
    channel: Name
    ts: Name


async def read(request: Request, model: type[M]) -> M:
    """The body as `model`. Raises `HTTPException` 413, 415 or 422.

    Only JSON is read: a page of another origin cannot send that without asking first.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "send JSON")
    body = await _body(request)
    try:
        given: Any = json.loads(body)
        return model.model_validate(given)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        raise HTTPException(422, f"{where}: {error.errors()[0]['msg']}") from None
    except (ValueError, RecursionError):
        raise HTTPException(422, "that is not JSON") from None


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "too long")
    return body
