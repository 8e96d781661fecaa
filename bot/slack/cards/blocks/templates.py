"""Sentences as templates: `{field}` is a property, text between backticks is in code style.

Only the template is ever parsed; what is filled in stays literal text.
"""

from collections.abc import Iterator
from string import Formatter

from bot.slack.cards.blocks.rich import Part, Span, code
from bot.slack.cards.blocks.spans import plain_of

Parts = tuple[Part, ...]


class TemplateFields:
    """What sentences are filled with: the properties of whoever inherits this."""

    __slots__ = ()

    def fill(self, template: str) -> Parts:
        """The parts of a line."""
        parts: list[Part] = []
        for part in self._parts(template):
            last = parts[-1] if parts else None
            if isinstance(part, Span) and part.code and isinstance(last, Span) and last.code:
                parts[-1] = code(last.text + part.text)
            else:
                parts.append(part)
        return tuple(parts)

    def plain(self, template: str) -> str:
        """The same as plain text: for notifications, dialogs and buttons."""
        return "".join(plain_of(part) for part in self.fill(template)).replace("\n", " ")

    def field(self, name: str) -> Parts:
        """What stands for `{name}`."""
        value: Part | Parts = getattr(self, name)
        return value if isinstance(value, tuple) else (value,)

    def _parts(self, template: str) -> Iterator[Part]:
        in_code = False
        for literal, field, _, _ in Formatter().parse(template):
            for index, text in enumerate(literal.split("`")):
                in_code = in_code != bool(index)
                if text:
                    yield code(text) if in_code else text
            if field:
                for part in self.field(field):
                    yield code(plain_of(part)) if in_code else part
