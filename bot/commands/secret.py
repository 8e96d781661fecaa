"""Finds secrets and endpoints in what was typed, before anything else looks at it.

It would rather refuse a harmless line than let a token into a log, a row or a reply.
"""

import re
from typing import Final

from bot.commands import flags
from bot.commands.model import SecretTyped
from bot.commands.names import DASHES, plain_hyphens
from bot.commands.nearest import distance
from bot.credentials import holds_credential

_ADDRESS: Final = re.compile(r"api[-_]?url\s*[=:]", re.IGNORECASE)
_SOUNDS_SECRET: Final = re.compile(r"token|secret|passw|credential|bearer|api-?(?:key|url)")

_ANY: Final = re.escape(DASHES)
_ODD: Final = re.escape(DASHES.replace("-", ""))
# A dash inside a word is part of a name (my-config), unless it is one that chat has made of "--".
_FLAG: Final = re.compile(
    rf"(?<![{_ANY}])(?:(?<!\w)[{_ANY}]++|(?:--|-?[{_ODD}])[{_ANY}]*+)\s*+([^\W\d][\w{_ANY}]*+)"
)

_MARKS: Final[dict[int, None]] = dict.fromkeys(map(ord, "\"'`"))
"""Quotes and code marks: one within a word hides nothing."""
_LONGEST_NAME: Final = 24
LONGEST_TEXT: Final = 3_000
"""Characters, far beyond any real command. Longer ones are neither understood nor repeated, so misspellings
are not looked for in them: that would take long."""


def find_secret(text: str) -> SecretTyped | None:
    """What of a `plain` text must not be kept, or ``None``.

    Known by: a refused flag, also misspelt, with any dashes and quotes; a setting such as
    ``PLANETSCALE_SERVICE_TOKEN=``; anything that looks like a credential (`bot.credentials`). A secret goes
    before an endpoint: whoever typed both must hear of the secret.
    """
    bare = text.translate(_MARKS)
    guess = len(bare) <= LONGEST_TEXT
    has_flags = "-" in bare or not bare.isascii()
    endpoint: str | None = "api-url" if _ADDRESS.search(bare) else None
    for typed in dict.fromkeys(_FLAG.findall(bare)) if has_flags else ():
        name = plain_hyphens(typed).lower().replace("_", "-")
        if name in flags.BY_NAME:
            continue
        refused = name if name in flags.REFUSED else _misspelt(name) if guess else None
        if refused in flags.ENDPOINTS:
            endpoint = refused
        elif refused is not None:
            return SecretTyped(flag=f"--{refused}")
        elif _SOUNDS_SECRET.search(name):
            return SecretTyped()
    if holds_credential(bare):
        return SecretTyped()
    return SecretTyped(flag=f"--{endpoint}") if endpoint else None


def _misspelt(name: str) -> str | None:
    """The refused flag that a name is a misspelling of, unless a harmless flag is nearer."""
    if not 5 <= len(name) <= _LONGEST_NAME:
        return None
    slips, refused = min((distance(name, refused), refused) for refused in flags.REFUSED)
    if slips > (3 if len(refused) > 7 else 1):
        return None
    harmless = min(distance(name, known) for known in flags.BY_NAME)
    return refused if slips <= harmless else None
