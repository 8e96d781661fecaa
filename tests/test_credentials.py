"""Credentials of any kind, wherever they turn up."""

import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.model import SecretTyped
from bot.commands.parser import parse
from bot.credentials import holds_credential, without_credentials
from bot.logs import configure_logs
from bot.planetscale.discretion import without_row_values

KINDS = [
    ("pscale_tkn_Q7hT-x", "Q7hT"),
    ("pscale_oauth_Q7hT", "Q7hT"),
    ("pscale_pw_Q7hT.x", "Q7hT"),
    ("xoxb-1-Q7hT", "Q7hT"),
    ("xoxe.xoxp-1-Q7hT", "Q7hT"),
    ("xapp-1-A0-Q7hT", "Q7hT"),
    ("https://hooks.slack.com/services/T0/B0/Q7hT", "Q7hT"),
    ("AKIAIOSFODNN7EXAMPLE", "FODNN7"),
    ("ghp_Q7hTQ7hTQ7hTQ7hTQ7hT", "Q7hT"),
    ("sk_live_Q7hT", "Q7hT"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Q7hTQ7", "Q7hT"),
    ("password=Q7hT", "Q7hT"),
    ('"password": "Q7hT and more"', "Q7hT"),
    ("aws_secret_access_key = Q7hT/x", "Q7hT"),
    ("api-key: Q7hT", "Q7hT"),
    ("PLANETSCALE_SERVICE_TOKEN=Q7hT", "Q7hT"),
    ("Authorization: abc123:Q7hT", "Q7hT"),
    ('"Authorization": "Basic Q7hTQ7hT=="', "Q7hT"),
    ("Bearer Q7hTQ7hTQ7hT", "Q7hT"),
    ("postgresql://bot:Q7@hT@db.example/bot", "hT"),
    ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYQ7hT", "Q7hT"),
    ("-----BEGIN RSA PRIVATE KEY-----\nQ7hT\n-----END RSA PRIVATE KEY-----", "Q7hT"),
]


@pytest.mark.parametrize(("text", "secret"), KINDS)
def test_a_credential_is_left_nowhere(text: str, secret: str) -> None:
    """A token of any kind is refused where it is typed, and is in no text that PlanetScale said."""
    assert holds_credential(f"show shop {text}")
    assert isinstance(parse(f"show shop 3 {text}"), SecretTyped)
    for around in ("{}", "refused: {} (errno 1045)", "cannot use {} here"):
        assert secret not in without_credentials(around.format(text))
        assert secret not in without_row_values(around.format(text))


@pytest.mark.parametrize(("text", "secret"), KINDS)
def test_a_log_holds_no_credential(text: str, secret: str) -> None:
    """Nothing that looks like one leaves in a log line: of the bot, of a library, or in a traceback."""
    stream = io.StringIO()
    configure_logs("info", "json", (), stream)
    structlog.get_logger("bot").warning("refused", said=f"it said {text}", parts={"said": text})
    logging.getLogger("somebody").warning("could not use %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        structlog.get_logger("bot").exception("broken")
    assert len(stream.getvalue().splitlines()) == 3
    assert secret not in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "PLANETSCALE_SERVICE_TOKEN: must be without spaces",
        "/Users/ana/.venv/lib/python3.11/site-packages/sqlalchemy/engine/default.py",
        "organizations/{organization}/databases/{database}/workflows/{number}",
        "MySQL56/6b1f0c9e-5c4e-11ee-9d6b-0242ac120001:1-177",
        "https://planetscale.com/docs/vitess",
        "orders_and_line_items_to_the_new_customer_keyspace",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    """Paths, names, addresses, positions and checksums can be read in a log."""
    assert without_credentials(text) == text


@given(st.text())
def test_any_text(text: str) -> None:
    """Taking credentials out works on any text, and twice is as good as once."""
    clean = without_credentials(text, "[secret]")
    assert without_credentials(clean, "[secret]") == clean


def test_numbers_and_flags_stay_what_they_are() -> None:
    """A log line's numbers and flags are not made into texts."""
    stream = io.StringIO()
    configure_logs("info", "json", ("hush",), stream)
    structlog.get_logger("bot").info("counted", count=3, done=True, nothing=None, more="hush")
    line = json.loads(stream.getvalue())
    assert (line["count"], line["done"], line["nothing"], line["more"]) == (3, True, None, "[secret]")
