"""The port is open on all addresses that the machine has."""

import errno
import socket

import pytest

from bot.http import server
from bot.http.server import listen


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_both_kinds_of_addresses() -> None:
    """Where the machine has IPv6, the port is open on it and on IPv4."""
    sockets = listen(a_free_port())
    families = [one.family for one in sockets]
    for one in sockets:
        one.close()
    assert socket.AF_INET in families
    assert (socket.AF_INET6 in families) == _has_ipv6()


@pytest.mark.parametrize("off", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_one_kind_is_off(monkeypatch: pytest.MonkeyPatch, off: int, family: socket.AddressFamily) -> None:
    """Where IPv6 or IPv4 is switched off, the other one is served."""
    real = server._bound

    def bound(wanted: socket.AddressFamily, address: str, port: int) -> socket.socket:
        if wanted == family:
            raise OSError(off, "not here")
        return real(socket.AF_INET, "127.0.0.1", port)

    monkeypatch.setattr(server, "_bound", bound)
    [only] = listen(a_free_port())
    only.close()


def test_a_port_that_is_taken() -> None:
    """A port that another program has is an error, also if it has it on one kind of address only."""
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            listen(other.getsockname()[1])


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
