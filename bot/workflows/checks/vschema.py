"""The little that is asked of a VSchema. Source: Vitess' VSchema reference (a keyspace's JSON)."""

import json
from collections.abc import Mapping
from typing import Any

VSchema = Mapping[str, Any]

_NEED_NO_VINDEX = frozenset({"reference", "sequence"})


def parse(text: str | None) -> VSchema | None:
    """The VSchema, or `None` for one that is missing or cannot be understood."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def requires_explicit_routing(vschema: VSchema) -> bool:
    """Whether queries that do not name the keyspace fail."""
    return bool(vschema.get("require_explicit_routing") or vschema.get("requireExplicitRouting"))


def has_vindex(vschema: VSchema, table: str) -> bool:
    """Whether rows of `table` can be placed on shards."""
    tables = vschema.get("tables")
    entry = tables.get(table) if isinstance(tables, dict) else None
    if not isinstance(entry, dict):
        return False
    return bool(
        entry.get("column_vindexes") or entry.get("columnVindexes") or entry.get("type") in _NEED_NO_VINDEX
    )
