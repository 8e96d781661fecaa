"""Through which proxy Slack is reached: the environment's usual variables, read alike for all clients.

The two HTTP libraries below read them differently: one asks no `NO_PROXY`, the other fails on what it does
not know. PlanetScale is reached without a proxy: behind one, "no connection was made" is no certainty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import unquote, urlsplit

_FOR_SLACK: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_FOR_ALL: Final = ("ALL_PROXY", "all_proxy")
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
_WANTED: Final = "the address of an HTTP proxy, such as http://proxy.example:3128"


class ProxyError(Exception):
    """A variable names a proxy that cannot be used: a line that says what to do, without its value."""


@dataclass(frozen=True, slots=True)
class Route:
    """How Slack is reached."""

    proxy: str | None = None
    """The proxy's address, with its password if it has one; `None`: none."""
    variable: str = ""
    """Which variable names it."""
    note: str = ""
    """What is not used although it is set: a sentence."""

    @property
    def passwords(self) -> tuple[str, ...]:
        """What of the address must be in no log."""
        password = urlsplit(self.proxy or "").password
        return tuple({password, unquote(password)}) if password else ()


def route_to(host: str, environ: Mapping[str, str]) -> Route:
    """The way to `host`. Raises `ProxyError`."""
    if host in _LOCAL or _is_exempt(host, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
        return Route()
    for variable in _FOR_SLACK:
        if value := environ.get(variable, "").strip():
            return Route(_usable(variable, value), variable)
    for variable in _FOR_ALL:
        if value := environ.get(variable, "").strip():
            try:
                return Route(_usable(variable, value), variable)
            except ProxyError as error:  # for other programs, maybe: Slack may well be reached without it
                return Route(note=f"{error} It is not used: Slack is asked without a proxy.")
    return Route()


def _usable(variable: str, value: str) -> str:
    address = value if _SCHEME.match(value) else f"http://{value}"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or port == 0:
        msg = f"{variable} is not usable: set it to {_WANTED} (SOCKS is not supported)."
        raise ProxyError(msg)
    return address


def _is_exempt(host: str, no_proxy: str) -> bool:
    """Whether `NO_PROXY` names the host: itself, a domain that it is in, its network, or all with `*`."""
    entries = (entry.strip().lower() for entry in no_proxy.split(","))
    return any(_names(entry, host.lower()) for entry in entries if entry)


def _names(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        domain = entry.removeprefix("*").lstrip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
