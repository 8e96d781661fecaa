"""Whether the proxy on the way to Slack can be reached."""

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem

_SECONDS: Final = 5.0
_PORTS: Final = {"http": 80, "https": 443}


async def proxy(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """Nothing where Slack is reached without one. Whether it lets the bot through shows with Slack."""
    route = subject.settings.route
    if route.proxy is None:
        return []
    parts = urlsplit(route.proxy)
    try:
        connecting = asyncio.open_connection(parts.hostname, parts.port or _PORTS[parts.scheme.lower()])
        _, writer = await asyncio.wait_for(connecting, _SECONDS)
    except (OSError, ValueError) as error:
        return [
            problem(
                f"the proxy that {route.variable} names, by which Slack is to be reached, cannot be reached "
                f"({type(error).__name__}). Mend {route.variable}, or exempt Slack in NO_PROXY."
            )
        ]
    writer.close()
    return [good(f"Slack is reached through the proxy of {route.variable}; PlanetScale without one")]
