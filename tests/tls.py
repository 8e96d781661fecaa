"""Most tests reach nothing over TLS, and reading whom to trust is the slowest part of making a client."""

import ssl
from collections.abc import Iterator
from unittest.mock import patch

import pytest


def trust_nobody(*_: object, **__: object) -> ssl.SSLContext:
    """In place of `ssl.create_default_context`, which reads all of the machine's certificates."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(autouse=True)
def no_tls() -> Iterator[None]:
    """Imported into the conftest of a room whose tests make client after client."""
    with patch.object(ssl, "create_default_context", trust_nobody):
        yield
