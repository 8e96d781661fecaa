"""Commands that are printed say which organization they are for.

Cards write commands as they are typed for the default organization. Where a message is about another one,
this adds `--org` to every command in it, in words and on buttons: what is pasted or pressed acts there.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.commands import flags, grammar
from bot.commands.model import Help
from bot.commands.shapes import PREFIX, SubCommand
from bot.slack.cards.blocks.rich import Block, Card, Message, blocks, escape

_PLACEHOLDER: Final = r"(?:<|&lt;)\w+(?:>|&gt;)"
_WORDS: Final = {
    "database": rf"[a-z0-9][a-z0-9_-]*|{_PLACEHOLDER}",
    "number": rf"[0-9]+|{_PLACEHOLDER}",
    "branch": rf"(?!-)[\w./-]+|{_PLACEHOLDER}",
}
"""What may stand for each positional in what the bot prints, escaped or not."""


def _pattern(sub: SubCommand) -> str:
    words = ""
    for positional in reversed(sub.positionals):
        words = f"(?: (?:{_WORDS[positional.field]}){words})?"
    return f"{sub.name}(?![\\w-]){words}"


_WORD: Final = r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")++"
_FLAGS: Final = rf"(?: (?='?-){_WORD}(?: (?!'?-|{PREFIX} ){_WORD})?)*?"
"""The flags of a command as they are printed: each perhaps with a value beside it, either perhaps quoted."""

_COMMAND: Final = re.compile(
    rf"{PREFIX} (?>{'|'.join(_pattern(sub) for sub in grammar.SUB_COMMANDS if sub.makes is not Help)})"
    rf"(?!{_FLAGS} {flags.ORG.spelled}[= ])"
)
"""A command up to where its flags stand, if it names no organization yet."""


def typed(text: str, organization: str, default: str) -> str:
    """`text` with every command in it as it is typed for `organization`."""
    if organization == default:
        return text
    return _COMMAND.sub(lambda found: f"{found[0]} --org={organization}", text)


def addressed(message: Message, organization: str, default: str) -> Message:
    """The same message with every command in it, on buttons too, for `organization`."""
    if organization == default:
        return message
    changed = tuple(_block(block, organization, default) for block in message.blocks)
    text, plain = (typed(part, organization, default) for part in (message.text, message.plain))
    return replace(message, blocks=changed, text=text, plain=plain)


def located(message: Message, organization: str) -> Message:
    """The same message, which says in small letters what organization it is about."""
    card = Card()
    card.context(f"Organization: {organization}")
    plain = f"{message.plain}\n{escape(card.plain)}"
    return replace(message, blocks=(*message.blocks, *blocks(card.body)), plain=plain)


def for_one(message: Message, organization: str, default: str) -> Message:
    """A message that one person reads away from its card: for another organization it also says for which."""
    if organization == default:
        return message
    return located(addressed(message, organization, default), organization)


def _block(value: Any, organization: str, default: str) -> Any:
    """What people copy as it is (preformatted text) stays as it is."""
    if isinstance(value, list | tuple):
        return [_block(one, organization, default) for one in value]
    if not isinstance(value, Mapping) or value.get("type") == "rich_text_preformatted":
        return value
    found: Block = {
        key: typed(part, organization, default)
        if key in {"text", "value"} and isinstance(part, str)
        else _block(part, organization, default)
        for key, part in value.items()
    }
    return found
