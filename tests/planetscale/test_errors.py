"""The table of failures."""

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from bot.planetscale.errors import FAILURES, FailureKind, PlanetScaleError, kind_of_exception, kind_of_status
from tests.rows import each_row


def _family(base: type[BaseException]) -> Iterator[type[BaseException]]:
    yield base
    for child in base.__subclasses__():
        if child.__module__.split(".")[0] == "httpx":
            yield from _family(child)


RAISED = {
    member for member in vars(httpx).values() if isinstance(member, type) and issubclass(member, Exception)
}
KNOWN = sorted(
    RAISED.union(*map(_family, (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError))),
    key=lambda c: c.__name__,
)


@pytest.mark.parametrize("failure", KNOWN, ids=lambda failure: failure.__name__)
def test_every_exception_is_in_the_table(failure: type[BaseException]) -> None:
    """Each exception of the HTTP library has a line of its own in the table: a new one fails here first."""
    assert failure in FAILURES


CERTAIN = {httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout}


@pytest.mark.parametrize("failure", KNOWN, ids=lambda failure: failure.__name__)
def test_certainty_of_exceptions(failure: type[BaseException]) -> None:
    """Only where no connection was made is it certain that a change did not happen."""
    kind = kind_of_exception(failure.__new__(failure))
    assert PlanetScaleError(kind, read=False).certainly_nothing_changed == (failure in CERTAIN)
    assert PlanetScaleError(kind, read=True).certainly_nothing_changed


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_says_three_things(kind: FailureKind) -> None:
    """Each kind of failure says what happened, whether it is certain that nothing changed, and what to do."""
    certain = {
        FailureKind.UNREACHABLE,
        FailureKind.INSECURE,
        FailureKind.LIMITED,
        FailureKind.BUDGET,
        FailureKind.UNCOUNTED,
        FailureKind.BAD_NAME,
        FailureKind.NOT_OURS,
    }
    for read in (True, False):
        error = PlanetScaleError(kind, read=read)
        for sentence in (error.what, error.todo):
            assert sentence[0].isupper()
            assert sentence[-1] == "."
        assert error.certainly_nothing_changed == (read or kind in certain)
        assert not (error.refused and error.retryable_read)


def test_words_people_know() -> None:
    """The sentences that are promised elsewhere are these, word for word."""
    forbidden = PlanetScaleError(FailureKind.FORBIDDEN, read=True)
    assert f"{forbidden.what} {forbidden.todo}" == (
        "The bot's token may not do this in PlanetScale. Whoever runs the bot has to grant it."
    )
    silent = PlanetScaleError(FailureKind.NO_ANSWER, read=True)
    assert f"{silent.what} {silent.todo}" == "PlanetScale did not answer. Try again in a minute."
    lost = PlanetScaleError(FailureKind.NO_ANSWER, read=False)
    assert lost.todo == "It may have happened all the same: look before you try again."


def test_a_404_says_both_possibilities() -> None:
    """PlanetScale answers a missing access of the token as it answers an unknown name."""
    error = PlanetScaleError(FailureKind.NOT_FOUND, read=False, access="change workflows")
    assert error.what == "PlanetScale does not know it, or the bot's token may not change workflows."
    assert error.todo == (
        "Check the name. If it is right: whoever runs the bot has to look at what the token may do."
    )


@pytest.mark.parametrize(
    ("code", "what", "todo"),
    [
        ("unprocessable", "does not do this now", "try again later"),
        ("invalid_params", "did not accept the request", "change it and ask again"),
        ("bad_request", "did not accept the request", "change it and ask again"),
        (None, "did not accept the request", "It may be wrong, or not possible just now"),
        ("another", "did not accept the request", "It may be wrong, or not possible just now"),
    ],
)
def test_planetscales_code_decides_what_a_refusal_means(code: str | None, what: str, todo: str) -> None:
    """Not now, or not like this: what PlanetScale says counts, and where it does not tell, both are said."""
    error = PlanetScaleError(FailureKind.INVALID, read=False, status=422, code=code)
    assert what in error.what
    assert todo in error.todo


@each_row("status", [*range(100, 200), *range(300, 600), 600, 777, 999])
def test_every_status(status: int) -> None:
    """3xx and 4xx but 408 and 429 are a no; 5xx and 408 are no verdict; of a 429 nothing was taken."""
    error = PlanetScaleError(kind_of_status(status), read=False, status=status)
    assert error.refused == (300 <= status < 500 and status not in {408, 429})
    assert error.certainly_nothing_changed == (status == 429)
    assert (error.kind is FailureKind.TROUBLE) == (status == 408 or 500 <= status < 600)


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def test_why_no_connection_was_made() -> None:
    """A wrong certificate is told from an outage, for only the people who run the bot can do something."""
    untrusted = _caused(httpx.ConnectError("x"), _caused(OSError("y"), ssl.SSLCertVerificationError("z")))
    assert kind_of_exception(untrusted) is FailureKind.INSECURE
    unknown_host = _caused(httpx.ConnectError("x"), socket.gaierror(-2, "unknown"))
    assert kind_of_exception(unknown_host) is FailureKind.UNREACHABLE


def test_new_exceptions_count_as_their_parents() -> None:
    """An exception that is not in the table yet is treated as the nearest one that is."""

    class NewTimeout(httpx.TimeoutException):
        pass

    assert kind_of_exception(NewTimeout("x")) is FailureKind.NO_ANSWER
    assert kind_of_exception(TimeoutError()) is FailureKind.NO_ANSWER


def test_an_error_does_not_show_what_was_said() -> None:
    """What PlanetScale said can hold values of rows: it is in neither the text nor the repr of an error."""
    error = PlanetScaleError(FailureKind.INVALID, read=False, status=422, said="row 4711", retry_after=1.0)
    assert "4711" not in f"{error} {error!r} {error.args}"
    assert repr(error) == "PlanetScaleError(invalid, status=422)"
