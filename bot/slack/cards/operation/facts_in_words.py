"""A deed in words: while it goes on, what is true once it is done, and what was true then."""

from bot.slack.cards.operation.deeds import Deed
from bot.slack.cards.operation.view import Parts, View

_DOING = {
    Deed.CUTOVER: "cutting over",
    Deed.CUTOVER_AGAIN: "cutting over",
    Deed.COMPLETE: "completing",
    Deed.COMPLETE_IMPORT: "completing",
    Deed.CANCEL: "cancelling",
    Deed.REVERSE: "moving traffic back",
    Deed.REVERSE_REPLICAS: "moving traffic back",
    Deed.RESTORE: "restoring the routing rules",
    Deed.RETRY: "retrying",
    Deed.VERIFY: "starting a verification",
    Deed.CREATE: "creating it",
}
_STILL = {
    Deed.CUTOVER: "cutting over",
    Deed.CUTOVER_AGAIN: "cutting over",
    Deed.REVERSE: "reversing",
    Deed.REVERSE_REPLICAS: "reversing",
}

_FACT = {
    Deed.REPLICAS: "{target} [serves] replica reads",
    Deed.PRIMARIES: "{target} [serves] writes",
    Deed.ALL_AT_ONCE: "{target} [serves] everything",
    Deed.IMPORT: "{target} [serves] writes",
    Deed.CUTOVER: "{tables} {are} deleted from {source}",
    Deed.CUTOVER_AGAIN: "the routing rules [are] removed again",
    Deed.COMPLETE: "{tables} {live} in {target}",
    Deed.COMPLETE_IMPORT: "the connection to the external database is closed",
    Deed.CANCEL: "the copies in {target} are deleted",
    Deed.REVERSE: "{source} [serves] everything again",
    Deed.REVERSE_REPLICAS: "{source} [serves] everything again",
    Deed.RESTORE: "routing rules [are] back",
    Deed.RETRY: "PlanetScale is retrying",
    Deed.VERIFY: "a verification was started",
    Deed.CREATE: "{ref} {name} was created",
}
"""What may be over later stands in brackets."""
_TENSES = {
    "now": {"[serves]": "serves", "[are]": "are"},
    "since": {"[serves]": "has served", "[are]": "have been"},
    "then": {"[serves]": "served", "[are]": "were"},
}


def fact(view: View, tense: str = "now") -> Parts:
    """What is true once the operation has happened, `now` or `since` a moment; `then`, if it is overtaken."""
    text = _FACT[view.deed]
    for bracket, verb in _TENSES["then" if view.is_overtaken else tense].items():
        text = text.replace(bracket, verb)
    return view.fill(text)


def doing(view: View) -> str:
    """`switching`, for as long as it goes on."""
    return _DOING.get(view.deed, "switching")


def still(view: View) -> str:
    """`Still switching`."""
    return f"Still {_STILL.get(view.deed, doing(view))}"
