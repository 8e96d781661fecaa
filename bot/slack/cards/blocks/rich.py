"""Text whose foreign parts are dead by construction.

A card is written as lines of spans. Spans become elements of Slack's `rich_text` block, which are never
parsed as markup, and the same lines become the plain `text` that notifications and screen readers get, where
`&`, `<` and `>` are escaped (Slack's own rule) and markup is switched off by the sender.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.slack.cards.blocks.controls import Control, plain_text
from bot.slack.cards.blocks.spans import (
    At,
    Block,
    Channel,
    GroupMention,
    Line,
    Link,
    Part,
    PersonMention,
    Span,
    bold,
    clean_part,
    code,
    element,
    escape,
    escape_within,
    one_line,
    plain_of,
    shorten,
)
from bot.slack.cards.blocks.words import columns, cut, padded

__all__ = [
    "At",
    "Block",
    "Card",
    "Channel",
    "GroupMention",
    "Line",
    "Link",
    "Message",
    "Monospaced",
    "Part",
    "PersonMention",
    "Piece",
    "Span",
    "Table",
    "bold",
    "code",
    "escape",
    "one_line",
    "rich_text",
    "shorten",
]


MAX_TEXT = 3_500
"""Slack advises 4,000 characters for `text`."""
MAX_ESCAPED = 3_700
"""The same once it is escaped: `chat.update` refuses more than 4,000, and a sentence may go before it."""
MAX_NOTICE = 150
"""What a phone shows of a notification."""
MAX_IN_BLOCKS = 9_500
"""Slack was seen to refuse messages with about 11,000 characters in their blocks; buttons, and what
`addressing` adds, come on top of this."""
CUT = "… This is longer than a message of Slack can be; the rest is left out."
MAX_ROWS, MAX_IN_TABLE = 100, 9_500
"""Of a table: rows with the heading, and characters in all cells; Slack takes 10,000."""
WRAPPED_FROM = 24
"""Columns of a table whose cells may be as long as that are wrapped; the others stand in one line."""
MAX_HEADER = 150
MAX_CONTEXT = 2_000

_DEAD = {"mrkdwn": False, "parse": "none"}
"""No markup in `text`, and no links made of what looks like one."""


@dataclass(frozen=True, slots=True)
class Monospaced:
    """Lines of equal width: tables and bars."""

    lines: tuple[str, ...]

    @property
    def plain(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first of them the heading: Slack's own table, or lines of equal width."""

    rows: tuple[tuple[str, ...], ...]
    widest: tuple[int, ...]
    """Columns that a cell takes at most where the lines are of equal width; zero: all that it needs."""
    numbers: int | None = None
    """The place of the column whose cells stand to the right."""

    @property
    def fits(self) -> bool:
        """Whether Slack takes it as a table."""
        return (
            len(self.rows) <= MAX_ROWS and sum(len(cell) for row in self.rows for cell in row) <= MAX_IN_TABLE
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows in columns of equal width."""
        return in_columns(self.rows, self.widest, self.numbers)

    @property
    def plain(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Header:
    """The line at the top, in large letters."""

    plain: str


@dataclass(frozen=True, slots=True)
class Context:
    """A line in small letters."""

    plain: str


@dataclass(frozen=True, slots=True)
class Divider:
    """A thin line between parts."""

    plain = ""


@dataclass(frozen=True, slots=True)
class ControlRow:
    """Buttons and menus beside each other. Slack's limit is 25."""

    controls: tuple[Control, ...]
    block_id: str | None = None
    plain = ""


Piece = Line | Monospaced | Table | Header | Context | Divider | ControlRow


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to Slack: blocks, and a `text` that stands alone."""

    text: str
    """For notifications and screen readers; escaped."""
    blocks: tuple[Block, ...]
    plain: str
    """The whole message without blocks, for a client that refuses them; escaped."""
    tables: tuple[Table, ...] = ()
    """What the blocks of type `table` show, in their order."""
    edge: str | None = None
    """The colour of the edge beside its lower part, as `#rrggbb`, where it has one."""

    def payload(self) -> dict[str, Any]:
        """The fields that every Slack method and `response_url` takes. Markup in `text` is off."""
        above, beside = (self.blocks, ()) if self.edge is None else parted(self.blocks)
        edged = {"attachments": [{"color": self.edge, "blocks": list(beside)}]} if beside else {}
        return {"text": self.text, "blocks": list(above), **edged, **_DEAD}

    def plain_payload(self) -> dict[str, Any]:
        """The same without blocks."""
        return {"text": self.plain, **_DEAD}


@dataclass(slots=True)
class Card:
    """A message under construction, from the top down."""

    body: list[Piece] = field(default_factory=list)

    def line(self, *parts: Part | None) -> None:
        """Add a line; parts that are `None` are left out."""
        self.body.append(Line(tuple(clean_part(part) for part in parts if part is not None)))

    def monospaced(self, lines: Iterable[str]) -> None:
        """Add lines of equal width."""
        self.body.append(Monospaced(tuple(one_line(line) for line in lines)))

    def table(
        self, rows: Iterable[Sequence[str]], widest: Sequence[int], *, numbers: int | None = None
    ) -> None:
        """Add a table, its heading first. Slack takes one in a message."""
        cells = tuple(tuple(one_line(cell) for cell in row) for row in rows)
        self.body.append(Table(cells, tuple(widest), numbers))

    def preformatted(self, text: str) -> None:
        """Add a text to copy, line by line as it is."""
        self.monospaced(text.splitlines())

    def header(self, text: str) -> None:
        """Add the line at the top."""
        self.body.append(Header(one_line(text)))

    def context(self, text: str) -> None:
        """Add a line in small letters."""
        self.body.append(Context(one_line(text)))

    def divider(self) -> None:
        """Add a thin line."""
        self.body.append(Divider())

    def actions(self, *controls: Control | None, block_id: str | None = None) -> None:
        """Add buttons and menus; those that are `None` are left out, and so is an empty row.

        `block_id` comes back with a press: it says what a control is about that has no value of its own.
        """
        present = tuple(control for control in controls if control is not None)
        if present:
            self.body.append(ControlRow(present, block_id))

    @property
    def plain(self) -> str:
        """All that can be read, unescaped; what can be pressed is left out."""
        return "\n".join(piece.plain for piece in self.body if not isinstance(piece, Divider | ControlRow))

    def message(self, text: str | None = None, edge: str | None = None) -> Message:
        """The finished message. `text` is what a notification says; without it, the first lines do."""
        plain = self.plain
        brief = plain.replace("\n", " · ") if text is None else one_line(text)
        body = fitted(self.body)
        return Message(
            escape(shorten(brief, MAX_NOTICE)),
            blocks(body),
            escape_within(shorten(plain, MAX_TEXT), MAX_ESCAPED),
            tuple(piece for piece in body if isinstance(piece, Table) and piece.fits),
            edge,
        )


def parted(whole: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """What stands above a coloured edge, and what beside it: an edge takes the place of the first thin line,
    or begins below the title.

    Slack's clients may fold what stands beside an edge, and mention nobody there.
    """
    kinds = [block["type"] for block in whole]
    if "divider" in kinds:
        place = kinds.index("divider")
        return whole[:place], whole[place + 1 :]
    place = kinds.index("header") + 1 if "header" in kinds else 1
    return whole[:place], whole[place:]


def fitted(body: Sequence[Piece]) -> Sequence[Piece]:
    """What a message can hold of it. What can be pressed stays; of the text, the end is left out."""
    if sum(len(piece.plain) for piece in body) <= MAX_IN_BLOCKS:
        return body
    kept: list[Piece] = []
    room = MAX_IN_BLOCKS
    for piece in body:
        if isinstance(piece, ControlRow):
            kept.append(piece)
        elif room > 0:
            part = _within(piece, room)
            room = room - len(piece.plain) if part is piece else 0
            kept += [part] if part is piece else [part, Line((CUT,))]
    return kept


def _within(piece: Piece, room: int) -> Piece:
    """The piece, or the beginning of it, in so many characters."""
    if len(piece.plain) <= room:
        return piece
    if isinstance(piece, Table):
        piece = Monospaced(piece.lines)
    if not isinstance(piece, Monospaced):
        return Line((shorten(piece.plain, room),))
    lines: list[str] = []
    for line in piece.lines:
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return Monospaced(tuple(lines))


def blocks(body: Sequence[Piece]) -> tuple[Block, ...]:
    """The pieces as blocks; lines that follow each other are one block."""
    found: list[Block] = []
    texts: list[Line | Monospaced] = []
    for piece in map(_as_drawn, body):
        if isinstance(piece, Line | Monospaced):
            texts.append(piece)
            continue
        if texts:
            found.append(rich_text(texts))
            texts = []
        found.append(_block(piece))
    if texts or not found:
        found.append(rich_text(texts))
    return tuple(found)


def _as_drawn(piece: Piece) -> Piece:
    return Monospaced(piece.lines) if isinstance(piece, Table) and not piece.fits else piece


def _block(piece: Table | Header | Context | Divider | ControlRow) -> Block:
    match piece:
        case Table():
            return _table(piece)
        case Header(text):
            return {"type": "header", "text": plain_text(text, MAX_HEADER)}
        case Context(text):
            return {"type": "context", "elements": [plain_text(text, MAX_CONTEXT)]}
        case Divider():
            return {"type": "divider"}
        case ControlRow(controls, block_id):
            named = {"block_id": block_id} if block_id else {}
            return {"type": "actions", "elements": [control.element() for control in controls]} | named


def _table(table: Table) -> Block:
    """An empty cell would be refused: it holds a space."""
    settings = [
        {"align": "right" if place == table.numbers else "left", "is_wrapped": widest >= WRAPPED_FROM}
        for place, widest in enumerate(table.widest)
    ]
    rows = [[{"type": "raw_text", "text": cell or " "} for cell in row] for row in table.rows]
    return {"type": "table", "column_settings": settings, "rows": rows}


def in_columns(rows: Sequence[Sequence[str]], widest: Sequence[int], numbers: int | None) -> tuple[str, ...]:
    """Rows as lines of equal width, two spaces between their columns."""
    shown = [
        [cut(cell, most) if most else cell for cell, most in zip(row, widest, strict=True)] for row in rows
    ]
    widths = [max(columns(cell) for cell in column) for column in zip(*shown, strict=True)]
    return tuple(
        "  ".join(
            padded(cell, width, right=place == numbers)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in shown
    )


def rich_text(body: Sequence[Line | Monospaced]) -> Block:
    """One `rich_text` block: sections of lines, with monospaced parts between them."""
    elements: list[Block] = []
    lines: list[Line] = []
    for part in body:
        if isinstance(part, Line):
            lines.append(part)
            continue
        elements += _sections(lines)
        lines = []
        elements.append(
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": part.plain or " "}]}
        )
    return {"type": "rich_text", "elements": elements + _sections(lines)}


def _sections(lines: Sequence[Line]) -> list[Block]:
    if not lines:
        return []
    elements: list[Block] = []
    for index, line in enumerate(lines):
        if index:
            elements.append({"type": "text", "text": "\n"})
        elements += [element(part) for part in line.parts if plain_of(part)]
    return [{"type": "rich_text_section", "elements": elements}]
