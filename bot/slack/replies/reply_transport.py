"""HTTP for answers to a `response_url`: to Slack and nowhere else, and no more taken in than is looked at.

The address comes with a signed request. Whoever has the signing secret could otherwise let the bot send
requests to machines that only it can reach.
"""

from collections.abc import AsyncIterator
from typing import Final

import httpx
import structlog

from bot.runtime.figures import NO_FIGURES, Figures
from bot.slack.codes import Trouble

log = structlog.stdlib.get_logger(__name__)

COUNTED_AS: Final = "response_url"
"""The method of a call that is none of the Web API."""
MOST_BYTES: Final = 64 * 1024
_DOMAINS: Final = ("slack.com", "slack-gov.com")


class ReplyTransport(httpx.AsyncBaseTransport):
    """Sends what is for Slack through `inner`; everything else fails as a connection that cannot be made."""

    def __init__(self, api_url: str, inner: httpx.AsyncBaseTransport, figures: Figures = NO_FIGURES) -> None:
        """`api_url`: where Slack's Web API is; the same host may be answered as well."""
        self._api, self._inner, self._figures = httpx.URL(api_url), inner, figures

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_slack(request.url):
            log.error("reply_not_to_slack", host=request.url.host)
            msg = "not an address of Slack's"
            raise httpx.ConnectError(msg, request=request)
        try:
            response = await self._inner.handle_async_request(request)
        except httpx.HTTPError as error:
            unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            self._count(Trouble.UNSENT if unsent else Trouble.UNCERTAIN)
            raise
        self._count(_trouble(response.status_code))
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _Bounded(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _count(self, trouble: Trouble | None) -> None:
        self._figures.asked_slack(COUNTED_AS, trouble.name.lower() if trouble else "ok")

    def _is_slack(self, url: httpx.URL) -> bool:
        if (url.scheme, url.host, url.port) == (self._api.scheme, self._api.host, self._api.port):
            return True
        of_slack = any(url.host == domain or url.host.endswith(f".{domain}") for domain in _DOMAINS)
        return url.scheme == "https" and url.port is None and of_slack


def _trouble(status: int) -> Trouble | None:
    """What a status says by itself; the words of an answer are read by others."""
    if status < 300:
        return None
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Trouble.LIMITED
    return Trouble.REFUSED if status < 500 else Trouble.UNCERTAIN


class _Bounded(httpx.AsyncByteStream):
    """A body, or a failed read once it is longer than anything that Slack answers here."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for part in self._stream:
            taken += len(part)
            if taken > MOST_BYTES:
                msg = "the answer is too long"
                raise httpx.ReadError(msg)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
