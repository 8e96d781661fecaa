"""What the form may offer of what was read: names that can be sent, and keyspaces that fit together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.commands import names
from bot.commands.names import Thing
from bot.planetscale.models import Keyspace, SchemaTable
from bot.slack.cards.forms.draft import Draft, token_of
from bot.slack.cards.forms.elements import MOST_OPTIONS
from bot.workflows.facts.sequences import is_sequence


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a keyspace that can be moved."""

    names: tuple[str, ...]
    nameless: int = 0
    """Tables whose names no request of this bot can carry."""

    @property
    def token(self) -> str:
        """Changes whenever "all tables" means other tables."""
        return token_of(self.names)


def tables_of(schema: Iterable[SchemaTable]) -> Tables:
    """The tables to choose from, sorted; sequence tables are left out."""
    every = sorted({table.name for table in schema if not is_sequence(table.name)})
    fit = tuple(name for name in every if names.fits(Thing.TABLE, name))
    return Tables(fit, len(every) - len(fit))


def ready_ones(keyspaces: Iterable[Keyspace]) -> tuple[Keyspace, ...]:
    """The keyspaces that can be source or target now, by name."""
    found = [k for k in keyspaces if _can_be_named(k) and k.ready is not False and not k.resizing]
    return tuple(sorted(found, key=lambda keyspace: keyspace.name))


def unready(keyspaces: Iterable[Keyspace]) -> tuple[str, ...]:
    """The names of those that are being changed."""
    return tuple(sorted(k.name for k in keyspaces if k.ready is False or k.resizing))


def targets(keyspaces: Sequence[Keyspace], source: str) -> tuple[str, ...]:
    """The keyspaces that tables of `source` can move to."""
    return tuple(k.name for k in ready_ones(keyspaces) if k.name != source)


def shared_ones(keyspaces: Sequence[Keyspace], source: str, target: str) -> tuple[str, ...]:
    """The keyspaces that can be the global one: none, unless an unsharded one moves to a sharded one."""
    known = {keyspace.name: keyspace for keyspace in ready_ones(keyspaces)}
    if source not in known or target not in known:
        return ()
    if known[source].sharded is not False or not known[target].sharded:
        return ()
    return tuple(k.name for k in known.values() if k.sharded is False and k.name != target)


def fitted(draft: Draft, keyspaces: Sequence[Keyspace], tables: Tables | None) -> Draft:
    """The draft without what is not offered. `tables`: of the chosen source keyspace, once they are known.

    A select can hold only so many tables: where more were typed, none of them is taken.
    """
    known = {keyspace.name for keyspace in ready_ones(keyspaces)}
    source = draft.source if draft.source in known else ""
    target = draft.target if draft.target in known - {source} else ""
    chosen = draft.tables
    if tables is not None:
        offered = set(tables.names)
        chosen = tuple(name for name in chosen if name in offered)
        chosen = chosen if len(chosen) <= MOST_OPTIONS else ()
    every = draft.every if tables is None or draft.every == tables.token else ""
    shared = draft.shared if draft.shared in shared_ones(keyspaces, source, target) else ""
    changes = {"source": source, "target": target, "tables": chosen, "every": every, "shared": shared}
    return draft.model_copy(update=changes)


def found_by(typed: str, every: Iterable[str]) -> tuple[str, ...]:
    """At most as many names as Slack takes that hold what was typed; those that begin with it come first."""
    wanted = typed.strip().casefold()
    holding = [name for name in every if wanted in name.casefold()]
    holding.sort(key=lambda name: (name.casefold() != wanted, not name.casefold().startswith(wanted)))
    return tuple(holding[:MOST_OPTIONS])


def _can_be_named(keyspace: Keyspace) -> bool:
    return names.fits(Thing.KEYSPACE, keyspace.name)
