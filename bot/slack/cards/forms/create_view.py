"""The create form with its fields. Blocks whose choices depend on another field carry it in their id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.commands import flags
from bot.commands.reason import LONGEST
from bot.planetscale.models import Keyspace
from bot.slack.cards.blocks.rich import Block
from bot.slack.cards.forms import offers
from bot.slack.cards.forms.draft import Draft, FormOrigin
from bot.slack.cards.forms.elements import (
    MOST_OPTIONS,
    button,
    field,
    modal,
    option,
    row,
    section,
    select,
    small,
    tick,
)
from bot.slack.cards.forms.fields import AGAIN, NOTHING, ON, Field
from bot.slack.cards.forms.offers import Tables
from bot.workflows.checks.check_words import names as named

LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Offer:
    """What was read for the form."""

    keyspaces: tuple[Keyspace, ...]
    tables: Tables | str | None = None
    """Of the chosen source keyspace: the tables, or why they could not be read; `None`: not read yet."""


def form_view(origin: FormOrigin, offer: Offer, *, asks_why: bool = False) -> Block:
    """The form, filled with the origin's draft; what is not offered is left out, and that is said.

    `asks_why`: the policy wants to know why.
    """
    known = offer.tables if isinstance(offer.tables, Tables) else None
    draft = offers.fitted(origin.draft, offer.keyspaces, known)
    blocks = [_opening(origin)]
    if said := _left_out(origin.draft, draft):
        blocks.append(section(said))
    blocks.append(_name(draft))
    blocks.append(_source(draft, offer.keyspaces))
    blocks += _tables(draft, offer.tables)
    blocks.append(_target(draft, offer.keyspaces))
    blocks += _shared(draft, offer.keyspaces)
    blocks += [_defer(draft), _on_ddl(draft), _reason(draft, asks_why=asks_why)]
    return modal(origin.holding(draft), blocks, submit="Create")


def _opening(origin: FormOrigin) -> Block:
    return section(
        f"Copies tables to another keyspace on {origin.place}. "
        "The copying begins at once and puts load on the source.",
        "Deletes nothing. Writes and reads stay on the source until somebody switches traffic.",
    )


def _left_out(wanted: Draft, draft: Draft) -> str:
    """What was filled in and is not offered here."""
    single = (
        ("source keyspace", wanted.source, draft.source),
        ("target keyspace", wanted.target, draft.target),
        ("global keyspace", wanted.shared, draft.shared),
    )
    gone = [f"{what} {before}" for what, before, after in single if before and not after]
    kept = set(draft.tables)
    missing = tuple(name for name in wanted.tables if name not in kept)
    if missing:
        gone.append(f"{'table' if len(missing) == 1 else 'tables'} {named(missing)}")
    if wanted.every and not draft.every:
        gone.append("“all tables”, because these are others now")
    return f"Cannot be chosen here, so left out: {'; '.join(gone)}." if gone else ""


def _name(draft: Draft) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": Field.NAME, "max_length": LONGEST_NAME}
    if 0 < len(draft.name) <= LONGEST_NAME:
        element["initial_value"] = draft.name
    hint = "Letters, digits, “-” and “_”. For example: orders-to-customer"
    return field(Field.NAME, "Name", element, hint=hint)


def _source(draft: Draft, keyspaces: Sequence[Keyspace]) -> Block:
    values = [keyspace.name for keyspace in offers.ready_ones(keyspaces)]
    element = select(Field.SOURCE, "The keyspace that has the tables now", values, draft.source)
    changing = offers.unready(keyspaces)
    hint = f"Not ready now: {named(changing)}." if changing else ""
    return field(Field.SOURCE, "Source keyspace", element, hint=hint, dispatch_action=True)


def _tables(draft: Draft, tables: Tables | str | None) -> list[Block]:
    if not draft.source:
        return [small("Tables: choose the source keyspace first.")]
    if tables is None:
        return [small(f"Reading the tables of {draft.source} …"), row(button("Try again", AGAIN))]
    if isinstance(tables, str):
        said = f"The tables of {draft.source} could not be read. {tables}"
        return [section(said), row(button("Try again", AGAIN))]
    if not tables.names:
        return [section(f"{draft.source} has no tables that can be moved. Choose another source keyspace.")]
    which = _which_tables(draft, tables)
    return [which] if draft.every == tables.token else [which, _chosen_tables(draft)]


def _chosen_tables(draft: Draft) -> Block:
    element: Block = {
        "type": "multi_external_select",
        "action_id": Field.TABLES,
        "min_query_length": 0,
        "max_selected_items": MOST_OPTIONS,
        "placeholder": {"type": "plain_text", "text": "Type a part of a table's name", "emoji": False},
    }
    if draft.tables:
        element["initial_options"] = [option(name) for name in draft.tables]
    hint = f"Up to {MOST_OPTIONS}. Sequence tables (_seq) are left out: PlanetScale sees to them."
    return field(Field.TABLES.about(draft.source), "These tables", element, hint=hint)


def _which_tables(draft: Draft, tables: Tables) -> Block:
    """One choice: these, or all. What is chosen among these stays as long as the form is open."""
    count = len(tables.names)
    every = f"All {count:,} tables of {draft.source}" if count > 1 else f"The one table of {draft.source}"
    options = {NOTHING: option(NOTHING, "These tables"), tables.token: option(tables.token, every)}
    element: Block = {
        "type": "radio_buttons",
        "action_id": Field.EVERY,
        "options": list(options.values()),
        "initial_option": options.get(draft.every, options[NOTHING]),
    }
    hint = f"Without {tables.nameless} whose names this bot cannot send." if tables.nameless else ""
    block_id = Field.EVERY.about(f"{draft.source}/{tables.token}")
    return field(block_id, "Tables", element, hint=hint, dispatch_action=True)


def _target(draft: Draft, keyspaces: Sequence[Keyspace]) -> Block:
    values = offers.targets(keyspaces, draft.source)
    element = select(Field.TARGET, "The keyspace that the tables move to", values, draft.target)
    block_id = Field.TARGET.about(draft.source)
    return field(block_id, "Target keyspace", element, dispatch_action=True)


def _shared(draft: Draft, keyspaces: Sequence[Keyspace]) -> list[Block]:
    values = offers.shared_ones(keyspaces, draft.source, draft.target)
    if not values:
        return []
    element = select(Field.SHARED, "The source keyspace", values, draft.shared)
    block_id = Field.SHARED.about(f"{draft.source}/{draft.target}")
    hint = "An unsharded keyspace for the sequence tables of AUTO_INCREMENT columns. Left out: the source."
    return [field(block_id, "Global keyspace", element, hint=hint, optional=True)]


def _defer(draft: Draft) -> Block:
    text = "Build secondary indexes after the rows are copied"
    element = tick(Field.DEFER, ON, text, on=draft.defer)
    return field(Field.DEFER, "Defer secondary keys", element, optional=True)


def _on_ddl(draft: Draft) -> Block:
    flag = flags.BY_NAME["on-ddl"]
    options = {}
    for choice in flag.choices:
        first, _, rest = choice.help.partition(". ")
        options[choice.value] = option(choice.value.value, f"{choice.value}: {first.rstrip('.')}.", rest)
    element: Block = {
        "type": "radio_buttons",
        "action_id": Field.ON_DDL,
        "options": list(options.values()),
        "initial_option": options[draft.on_ddl],
    }
    return field(Field.ON_DDL, "When a schema change reaches these tables meanwhile", element)


def _reason(draft: Draft, *, asks_why: bool) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": Field.REASON, "max_length": LONGEST}
    if 0 < len(draft.reason) <= LONGEST:
        element["initial_value"] = draft.reason
    hint = f"It stands on the card and in the history.{' The policy asks for it.' if asks_why else ''}"
    return field(Field.REASON, "Why", element, hint=hint, optional=not asks_why)
