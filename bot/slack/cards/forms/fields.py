"""The fields of the create form: their ids, and what a view says is filled in. Nothing of it is trusted."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from bot.commands.model import OnDdl
from bot.slack.cards.forms.draft import Draft

ON: Final = "on"
"""The value of a checkbox that is simply on."""
NOTHING: Final = "/"
"""The value of an option that names nothing: that there is none, or "these" instead of all. No name at
PlanetScale may be that."""


class Field(StrEnum):
    """A field. The value is its action id, and its block id or what that begins with."""

    NAME = "cf_name"
    SOURCE = "cf_source"
    TABLES = "cf_tables"
    EVERY = "cf_every"
    TARGET = "cf_target"
    SHARED = "cf_global"
    DEFER = "cf_defer"
    ON_DDL = "cf_ddl"
    REASON = "cf_reason"
    DATABASE = "cf_database"
    BRANCH = "cf_branch"

    def about(self, subject: str) -> str:
        """The block id of a field whose choices depend on `subject`: another one makes Slack forget them."""
        return f"{self}:{subject}"

    def is_block(self, block_id: str) -> bool:
        """Whether a block is this field's, whatever it is about."""
        return block_id == self or block_id.startswith(f"{self}:")


AGAIN: Final = "cf_again"
"""A button in the form: try again."""
ELSEWHERE: Final = "cf_elsewhere"
"""A button in the form: choose another database or branch."""
OPEN: Final = "cf_open"
"""A button under a message: open the form. Its value is the line that was typed."""


def subject_of(block_id: str) -> str:
    """What the choices of a block depend on."""
    return block_id.partition(":")[2]


def draft_in(view: Mapping[str, Any], before: Draft) -> Draft:
    """The fields of a view as they are filled in. `before`: what the view did not ask for yet.

    Tables count only if they are those of the chosen source keyspace; which of them were chosen one by one is
    kept where all of them are wanted instead. Never raises.
    """
    if not any(Field.SOURCE.is_block(block_id) for block_id in blocks_of(view)):
        return before
    source = _one(view, Field.SOURCE)
    own = Field.TABLES.about(source)
    asked_for_tables = any(Field.TABLES.is_block(block_id) for block_id in blocks_of(view))
    on_ddl = _one(view, Field.ON_DDL)
    return Draft(
        name=_text(view, Field.NAME).strip(),
        source=source,
        tables=_several(view, own, Field.TABLES) if asked_for_tables else before.tables,
        every=_in_block(view, Field.EVERY.about(source), Field.EVERY),
        target=_one(view, Field.TARGET),
        shared=_one(view, Field.SHARED),
        defer=ON in _several(view, Field.DEFER, Field.DEFER),
        on_ddl=OnDdl(on_ddl) if on_ddl in set(OnDdl) else OnDdl.STOP,
        reason=_text(view, Field.REASON).strip(),
    )


def has_tables_of(view: Mapping[str, Any], source: str) -> bool:
    """Whether the view offers the tables of this very source keyspace."""
    own = (Field.TABLES.about(source), f"{Field.EVERY.about(source)}/")
    return any(block_id.startswith(own) for block_id in blocks_of(view))


def block_for(view: Mapping[str, Any], *fields: Field) -> str:
    """The block at which something about one of `fields` can be shown: one that the view has."""
    inputs = [block["block_id"] for block in _blocks(view) if block.get("type") == "input"]
    for field in (*fields, Field.NAME):
        for block_id in inputs:
            if field.is_block(block_id):
                return str(block_id)
    return str(inputs[0]) if inputs else Field.NAME.value


def blocks_of(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the blocks of a view."""
    return tuple(block["block_id"] for block in _blocks(view))


def _blocks(view: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    blocks = view.get("blocks")
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Mapping) and isinstance(block.get("block_id"), str):
            yield block


def _values(view: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Block, action and what is filled in there."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    for block_id, actions in values.items() if isinstance(values, Mapping) else ():
        for action_id, filled in actions.items() if isinstance(actions, Mapping) else ():
            if isinstance(filled, Mapping):
                yield str(block_id), str(action_id), filled


def _text(view: Mapping[str, Any], field: Field) -> str:
    found = (filled.get("value") for _, action, filled in _values(view) if action == field)
    return next((text for text in found if isinstance(text, str)), "")


def _one(view: Mapping[str, Any], field: Field) -> str:
    for block_id, action, filled in _values(view):
        if action == field and field.is_block(block_id):
            return _value(filled.get("selected_option"))
    return ""


def _in_block(view: Mapping[str, Any], block_id: str, field: Field) -> str:
    """What is chosen in the block whose id goes on after that one and a slash."""
    for block, action, filled in _values(view):
        if action == field and block.startswith(f"{block_id}/"):
            return _value(filled.get("selected_option"))
    return ""


def _several(view: Mapping[str, Any], block_id: str, field: Field) -> tuple[str, ...]:
    """What is chosen in the block of that id."""
    for block, action, filled in _values(view):
        if action == field and block == block_id:
            options = filled.get("selected_options")
            chosen = [_value(option) for option in options] if isinstance(options, list) else []
            return tuple(dict.fromkeys(filter(None, chosen)))
    return ()


def _value(option: object) -> str:
    value = option.get("value") if isinstance(option, Mapping) else None
    return value if isinstance(value, str) and value != NOTHING else ""
