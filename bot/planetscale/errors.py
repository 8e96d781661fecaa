"""Every way the PlanetScale API can fail, and what each means for the person who asked.

The tables are the whole knowledge: `_EXCEPTIONS` and `_STATUSES` say which kind of failure something is,
`_MEANINGS` says what follows from a kind. What proves that a change was not taken was measured with httpx
0.28: only a failed connection, a time-out while connecting or waiting for one, and a 429. That the API
refuses is no such proof.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import httpx


class FailureKind(StrEnum):
    """What went wrong, for programs."""

    UNREACHABLE = "unreachable"
    """No connection was made."""
    INSECURE = "insecure"
    """The other side could not prove to be PlanetScale."""
    NO_ANSWER = "no_answer"
    """The connection was lost, or time ran out, after the request may have left."""
    TROUBLE = "trouble"
    """5xx, or 408: no verdict."""
    LIMITED = "limited"
    """429."""
    BUDGET = "budget"
    """The bot's own limit: the request never left."""
    UNCOUNTED = "uncounted"
    """What all processes share of that limit cannot be reached: the request never left."""
    BAD_NAME = "bad_name"
    """A name that can be no part of a path: the request never left."""
    NOT_OURS = "not_ours"
    """An organization without a token here (any more): the request never left."""
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    """400 or 422."""
    REFUSED = "refused"
    """Any other 4xx."""
    REDIRECTED = "redirected"
    """Any 3xx. None is ever followed."""
    NOT_UNDERSTOOD = "not_understood"
    """It answered, but not what was asked for."""
    TOO_BIG = "too_big"
    """More bytes or pages than the client takes in."""
    NOT_SENT = "not_sent"
    """The request could not be put together or written: a wrong address, or a mistake in the bot."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    what: str
    todo: str
    certain: bool = False
    refused: bool = False
    passes: bool = False


_SOON = "Try again in a minute."
_RUNNER = "Whoever runs the bot has to"
_NO_ANSWER = "PlanetScale did not answer."
_LOOK_FIRST = "It may have happened all the same: look before you try again."

_MEANINGS = {
    FailureKind.UNREACHABLE: _Meaning(_NO_ANSWER, _SOON, certain=True, passes=True),
    FailureKind.INSECURE: _Meaning(
        "The connection to PlanetScale is not secure.", f"{_RUNNER} look at its network.", certain=True
    ),
    FailureKind.NO_ANSWER: _Meaning(_NO_ANSWER, _SOON, passes=True),
    FailureKind.TROUBLE: _Meaning("PlanetScale has trouble of its own.", _SOON, passes=True),
    FailureKind.LIMITED: _Meaning("PlanetScale asks the bot to slow down.", _SOON, certain=True, passes=True),
    FailureKind.BUDGET: _Meaning("The bot may not ask PlanetScale more at the moment.", _SOON, certain=True),
    FailureKind.UNCOUNTED: _Meaning(
        "The bot's database does not answer, and without it the bot asks PlanetScale nothing.",
        _SOON,
        certain=True,
        passes=True,
    ),
    FailureKind.BAD_NAME: _Meaning(
        "PlanetScale has no names like that.", "Check the name and try again.", certain=True
    ),
    FailureKind.NOT_OURS: _Meaning(
        "This bot does not work for that organization.",
        f"{_RUNNER} name it in the policy file.",
        certain=True,
        refused=True,
    ),
    FailureKind.UNAUTHORIZED: _Meaning(
        "PlanetScale does not accept the bot's token.", f"{_RUNNER} renew it.", refused=True
    ),
    FailureKind.FORBIDDEN: _Meaning(
        "The bot's token may not do this in PlanetScale.", f"{_RUNNER} grant it.", refused=True
    ),
    # By its documentation PlanetScale answers 404, not 403, to a token without the access.
    FailureKind.NOT_FOUND: _Meaning(
        "PlanetScale does not know it, or the bot's token may not {access}.",
        f"Check the name. If it is right: {_RUNNER[0].lower()}{_RUNNER[1:]} look at what the token may do.",
        refused=True,
    ),
    FailureKind.CONFLICT: _Meaning(
        "PlanetScale says that something stands in the way.", "Look at what is under way first.", refused=True
    ),
    FailureKind.INVALID: _Meaning(
        "PlanetScale did not accept the request.",
        "It may be wrong, or not possible just now: go by what PlanetScale says.",
        refused=True,
    ),
    FailureKind.REFUSED: _Meaning(
        "PlanetScale refused the request.", f"{_RUNNER} look at what it asks for.", refused=True
    ),
    FailureKind.REDIRECTED: _Meaning(
        "PlanetScale points to another address, and the bot does not go there.",
        f"{_RUNNER} check the address of the API.",
        refused=True,
    ),
    FailureKind.NOT_UNDERSTOOD: _Meaning(
        "PlanetScale gave an answer that the bot does not understand.", _SOON
    ),
    FailureKind.TOO_BIG: _Meaning(
        "PlanetScale answered more than the bot can take in.", "Use pscale for this."
    ),
    FailureKind.NOT_SENT: _Meaning(
        "The bot could not send the request.", f"{_RUNNER} check the address of the API."
    ),
}

_WRONG = ("PlanetScale did not accept the request.", "Something in it is wrong: change it and ask again.")
_BY_CODE = {
    "bad_request": _WRONG,
    "invalid_params": _WRONG,
    "unprocessable": ("PlanetScale does not do this now.", "Go by what it says, and try again later."),
}
"""What PlanetScale's own code says more exactly about an `INVALID`, as its command line reads it."""

_IN_THE_WAY = {
    FailureKind.UNREACHABLE: "no connection to PlanetScale",
    FailureKind.INSECURE: "no secure connection to PlanetScale",
    FailureKind.NO_ANSWER: "PlanetScale does not answer",
    FailureKind.BUDGET: "the bot may not ask PlanetScale more at the moment",
    FailureKind.UNCOUNTED: "the bot's database does not answer",
}

_EXCEPTIONS: dict[type[Exception], FailureKind] = {
    httpx.ConnectError: FailureKind.UNREACHABLE,
    httpx.ConnectTimeout: FailureKind.UNREACHABLE,
    httpx.PoolTimeout: FailureKind.UNREACHABLE,
    httpx.ReadTimeout: FailureKind.NO_ANSWER,
    httpx.WriteTimeout: FailureKind.NO_ANSWER,
    httpx.TimeoutException: FailureKind.NO_ANSWER,
    httpx.ReadError: FailureKind.NO_ANSWER,
    httpx.WriteError: FailureKind.NO_ANSWER,
    httpx.CloseError: FailureKind.NO_ANSWER,
    httpx.NetworkError: FailureKind.NO_ANSWER,
    httpx.RemoteProtocolError: FailureKind.NO_ANSWER,
    httpx.ProxyError: FailureKind.NO_ANSWER,
    httpx.ProtocolError: FailureKind.NO_ANSWER,
    httpx.TransportError: FailureKind.NO_ANSWER,
    httpx.RequestError: FailureKind.NO_ANSWER,
    httpx.HTTPError: FailureKind.NO_ANSWER,
    OSError: FailureKind.NO_ANSWER,  # also TimeoutError: the whole try took too long
    httpx.DecodingError: FailureKind.NOT_UNDERSTOOD,
    httpx.HTTPStatusError: FailureKind.NOT_UNDERSTOOD,
    httpx.CookieConflict: FailureKind.NOT_UNDERSTOOD,
    httpx.TooManyRedirects: FailureKind.REDIRECTED,
    httpx.LocalProtocolError: FailureKind.NOT_SENT,
    httpx.UnsupportedProtocol: FailureKind.NOT_SENT,
    httpx.InvalidURL: FailureKind.NOT_SENT,
    httpx.StreamError: FailureKind.NOT_SENT,
    httpx.StreamConsumed: FailureKind.NOT_SENT,
    httpx.StreamClosed: FailureKind.NOT_SENT,
    httpx.ResponseNotRead: FailureKind.NOT_SENT,
    httpx.RequestNotRead: FailureKind.NOT_SENT,
}

FAILURES = tuple(_EXCEPTIONS)
"""Every exception that `kind_of_exception` knows: what to catch around a request."""

_STATUSES = {
    400: FailureKind.INVALID,
    401: FailureKind.UNAUTHORIZED,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
    408: FailureKind.TROUBLE,  # the request did not arrive whole, as far as the other side knows: no verdict
    409: FailureKind.CONFLICT,
    422: FailureKind.INVALID,
    429: FailureKind.LIMITED,
}


class PlanetScaleError(Exception):
    """A call to PlanetScale failed.

    It never holds the token, a header, a URL or a body. Its text is `what` alone, for `said` is PlanetScale's
    own words, without values of rows: show them to the person who asked, escaped.
    """

    def __init__(
        self,
        kind: FailureKind,
        *,
        read: bool,
        status: int | None = None,
        said: str | None = None,
        retry_after: float | None = None,
        code: str | None = None,
        access: str = "see it",
    ) -> None:
        """`code`: PlanetScale's own for the error. `access`: what was tried, after "the token may not"."""
        meaning = _MEANINGS[kind]
        what, todo = meaning.what.format(access=access), meaning.todo
        if kind is FailureKind.INVALID and code in _BY_CODE:
            what, todo = _BY_CODE[code]
        super().__init__(what)
        self.kind = kind
        self.what = what
        """What happened: a sentence for people."""
        self.certainly_nothing_changed = read or meaning.certain
        """Whether it is certain that PlanetScale did not take the request as a change."""
        self.refused = meaning.refused
        """It was said no: asking again does not help. A change is read back all the same."""
        self.retryable_read = read and meaning.passes
        """It was a read, and the trouble may pass by itself."""
        self.todo = todo if self.certainly_nothing_changed or self.refused else _LOOK_FIRST
        """What to do: a sentence for people."""
        self.status = status
        """The HTTP status; `None` where there was no answer."""
        self.said = said
        """PlanetScale's own message: its first line, at most 300 characters, no control characters."""
        self.retry_after = retry_after
        """Seconds that PlanetScale, or the budget, asks to wait."""

    @property
    def is_about_the_bot(self) -> bool:
        """It was said no, perhaps for no fault of who asked: the bot's token or address may be the reason."""
        return self.refused and self.kind not in {FailureKind.INVALID, FailureKind.CONFLICT}

    @property
    def brief(self) -> str:
        """What stands in the way, as the beginning of a sentence: `PlanetScale answers 500`."""
        if self.status is not None:
            return f"PlanetScale answers {self.status}"
        return _IN_THE_WAY.get(self.kind, self.what.rstrip("."))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kind.value}, status={self.status})"


def kind_of_exception(failure: BaseException) -> FailureKind:
    """Which kind of failure one of `FAILURES` is; one that is not listed counts as its nearest parent."""
    kind = next((_EXCEPTIONS[c] for c in type(failure).__mro__ if c in _EXCEPTIONS), FailureKind.NO_ANSWER)
    if kind is FailureKind.UNREACHABLE and any(
        isinstance(c, ssl.SSLCertVerificationError) for c in _chain(failure)
    ):
        return FailureKind.INSECURE
    return kind


def kind_of_status(status: int) -> FailureKind:
    """Which kind of failure a status other than 2xx is."""
    if status in _STATUSES:
        return _STATUSES[status]
    by_class = {3: FailureKind.REDIRECTED, 4: FailureKind.REFUSED, 5: FailureKind.TROUBLE}
    return by_class.get(status // 100, FailureKind.NOT_UNDERSTOOD)


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__
