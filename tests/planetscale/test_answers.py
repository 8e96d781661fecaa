"""Reading an error's body and headers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.planetscale.answers import LONGEST_SAID, LONGEST_WAIT, message, wait_asked

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
SECRET = "pscale_tkn_x"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"code": "not_found", "message": "Not Found"}, "Not Found"),
        ({"code": "x", "message": "first\nsecond"}, "first"),
        ({"code": "x", "message": "\n \r\n\tthe \x1b[31mred\x00 one\x7f \u202e"}, "the [31mred one"),
        ({"code": "x", "message": "a" * 301}, "a" * 299 + "…"),
        ({"code": "x", "message": "a" * 300}, "a" * 300),
        ({"code": "x", "message": f"no {SECRET}"}, "no …"),
        ({"code": "x", "message": ""}, None),
        ({"code": "x", "message": "\u200b"}, None),
        ({"code": "x", "message": None}, None),
        ({"code": "x", "message": 5}, None),
        ({"code": "x"}, None),
        (
            {"errors": [{"namespace": "w", "name": "tables", "errors": ["can't be blank", "are many"]}]},
            "tables: can't be blank; tables: are many",
        ),
        ({"errors": [{"name": "a", "errors": ["x"]}, {"name": None, "errors": ["y"]}]}, "a: x; y"),
        ({"errors": ["plain", 3, None]}, "plain"),
        ({"errors": {"message": "inside"}}, "inside"),
        ({"errors": []}, None),
        ({"error": "a proxy's words"}, "a proxy's words"),
        ({"error": {"message": "deeper"}}, "deeper"),
        ("just text", "just text"),
        ([], None),
        (None, None),
        (7, None),
    ],
    ids=str,
)
def test_shapes(body: Any, said: str | None) -> None:
    """Each shape that an error comes in gives PlanetScale's message as one clean line, or nothing."""
    assert message(json.dumps(body).encode(), SECRET) == said


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>no</html>", b"upstream error", b"\xff\xfe", b'{"message": "cut', b"[" * 5000, b"9" * 5000],
    ids=lambda body: repr(body[:12]),
)
def test_no_json(body: bytes) -> None:
    """HTML, plain text and broken JSON are not shown to people."""
    assert message(body, SECRET) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["message", "errors", "error", "name", "code"]), inner)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(JSON)
def test_any_json(body: Any) -> None:
    """Whatever JSON an error holds, what is shown is one short printable line."""
    said = message(json.dumps(body).encode(), SECRET)
    if said is not None:
        assert 0 < len(said) <= LONGEST_SAID
        assert len(said.splitlines()) == 1
        assert not any(ord(sign) < 32 for sign in said)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("99999", LONGEST_WAIT),
        ("9" * 400, None),
        ("-1", None),
        ("1e3", None),
        ("inf", None),
        ("nan", None),
        ("٣", None),
        ("5, 5", None),
        ("soon", None),
        ("Mon, 23 Nov 2026 02:14:09 GMT", 9),
        ("Mon, 23 Nov 2026 02:13:00 GMT", 0),
        ("Mon, 23 Nov 2026 04:14:09 +0200", 9),
        ("Mon, 23 Nov 2026 02:14:09 -0000", 9),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_WAIT),
        ("Mon, 99 Nov 2026 02:14:09 GMT", None),
        ("Mon, 23 Nov 99999 02:14:09 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """`Retry-After` is understood as seconds or as a date, never beyond ten minutes; rubbish says nothing."""
    assert wait_asked(header, NOW) == seconds


@given(st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [-+\w]\w*") | st.integers().map(str))
def test_any_retry_after(header: str) -> None:
    """Whatever the header holds, it is a wait of at most ten minutes or nothing."""
    seconds = wait_asked(header, NOW)
    assert seconds is None or timedelta(0) <= timedelta(seconds=seconds) <= timedelta(seconds=LONGEST_WAIT)
