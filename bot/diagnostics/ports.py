"""Whether the bot could open its ports, or does so already."""

import errno
from collections.abc import Sequence
from typing import Final

import httpx

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem
from bot.http.server import listen

_SECONDS: Final = 2.0


async def ports(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """That of Slack and the health checks, and that of the figures where there is one."""
    settings = subject.settings
    wanted = [("PORT", settings.port, "/readyz", '"database":')]
    if settings.metrics_port:
        wanted.append(("WORKFLOW_BOT_METRICS_PORT", settings.metrics_port, "/metrics", "workflow_bot_"))
    return [await _port(*one) for one in wanted]


async def _port(setting: str, port: int, path: str, sign: str) -> DiagnosticFinding:
    try:
        for one in listen(port):
            one.close()
    except OSError as error:
        return await _why_not(error, setting, port, path, sign)
    return good(f"{port} is free", about=setting)


async def _why_not(error: OSError, setting: str, port: int, path: str, sign: str) -> DiagnosticFinding:
    if error.errno != errno.EADDRINUSE:
        return problem(f"{port} cannot be opened ({error.strerror}). Set {setting}.", about=setting)
    if await _is_the_bot(port, path, sign):
        return good(f"a bot that runs already answers at {port}", about=setting)
    return problem(f"another program has {port}. Stop it, or set {setting}.", about=setting)


async def _is_the_bot(port: int, path: str, sign: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as client:
            return sign in (await client.get(f"http://127.0.0.1:{port}{path}")).text
    except httpx.HTTPError:
        return False
