"""What a credential looks like, wherever one turns up: in what people type, in PlanetScale's words, in a log.

One table of kinds. Who must refuse asks `holds_credential`; who must show uses `without_credentials`.
"""

import re
from typing import Final

_KINDS: Final = (
    # PlanetScale's service tokens, OAuth tokens and passwords; Slack's tokens and incoming webhooks.
    r"pscale_[a-z]*(?:tkn|oauth|pw)_[\w.-]*",
    r"xox[a-z]-[\w.-]*|xoxe\.[\w.-]*|xapp-[\w.-]*",
    r"hooks\.slack\.com/\S*",
    # What else a pasted text may hold: AWS, GitHub, GitLab, Google, Stripe, npm, JSON Web Tokens, keys.
    r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA)[0-9A-Z]{12,}",
    r"\bgh[pousr]_\w{16,}|\bgithub_pat_\w+|\bglpat-[\w-]{16,}",
    r"\bAIza[\w-]{20,}|\b[rs]k_(?:live|test)_\w+|\bnpm_\w{20,}",
    r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    # An Authorization header, whatever its scheme.
    r"(?<=authorization)[\"']?\s*[:=][^\r\n]*",
    r"\bbearer\s+[\w.~+/=-]{8,}",
    r"\bbasic\s+[A-Za-z0-9+/]{8,}={0,2}",
)
_NAME: Final = (
    r"(?:token(?:[-_](?:id|name))?|secret|passw(?:or)?d|pwd|passphrase|credentials?"
    r"|(?:api|secret|private|signing)[-_]?(?:access[-_]?)?key|access[-_]?key(?:[-_]?id)?)"
)
_VALUE: Final = r"""(?:\\?"[^"]*"?|\\?'[^']*'?|[^\s,;)\]}]+)"""
_KIND: Final = re.compile("|".join(_KINDS), re.IGNORECASE | re.DOTALL)
_IN_URL: Final = re.compile(r"(?<=://)\S*@")
"""user:password@ of an address. A password may hold an "@" itself: the last one counts."""
_NAMED: Final = re.compile(rf"{_NAME}[\"']?\s*[=:]", re.IGNORECASE)
_NAMED_VALUE: Final = re.compile(
    # "token: must be printable" is prose, and stays.
    rf"({_NAME}[\"']?\s*(?:=>?|:(?!\s+[a-z]+\s+[a-z]))\s*)(?!…|\[secret\]){_VALUE}",
    re.IGNORECASE,
)
_LONG: Final = re.compile(r"(?<![\w+/.-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w.])")
_RUN: Final = re.compile(r"[A-Za-z0-9]{16,}")
_OF_EACH: Final = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]")))


def holds_credential(text: str) -> bool:
    """Whether anything in `text` looks like one. It would rather be wrong than let one through."""
    if any(known.search(text) for known in (_KIND, _NAMED, _IN_URL)):
        return True
    return any(_random(found.group()) for found in _LONG.finditer(text))


def without_credentials(text: str, mark: str = "…") -> str:
    """`text` with `mark` in the place of everything that looks like one."""
    text = _IN_URL.sub(f"{mark}@", _KIND.sub(mark, text))
    text = _NAMED_VALUE.sub(lambda found: found.group(1) + mark, text)
    return _LONG.sub(lambda found: mark if _random(found.group()) else found.group(), text)


def _random(text: str) -> bool:
    """Whether a long word is made as keys are: no path and no name mixes all kinds of signs for so long."""
    return any(all(kind.search(run) for kind in _OF_EACH) for run in _RUN.findall(text))
