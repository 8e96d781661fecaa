"""What a line or a submitted form asks for, read without the bot's own reading of forms."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.commands.model import ActionName, ActOnWorkflow, CreateWorkflow
from bot.commands.parser import parse
from bot.demo.planetscale.world import Mutation
from tests.operations.machine.cases import Wish
from tests.operations.machine.payloads import actions_in

Json = dict[str, Any]
Tables = Callable[[str, str, str], Iterable[str]]
"""The tables that a keyspace has: of which database, branch and keyspace."""


def of_command(command: ActOnWorkflow | CreateWorkflow) -> Wish:
    """What a typed command asks for."""
    database = command.database or ""
    if isinstance(command, CreateWorkflow):
        body = {
            "name": command.name,
            "branch_name": command.branch,
            "source_keyspace": command.source_keyspace,
            "target_keyspace": command.target_keyspace,
            "tables": sorted(command.tables),
            "defer_secondary_keys": command.defer_secondary_keys,
            "on_ddl": command.on_ddl.value,
        }
        return Wish("create", Mutation.CREATE, database, None, body)
    if command.action is not ActionName.SWITCH_TRAFFIC:
        return Wish(command.action.value, Mutation(command.action.value), database, command.number)
    only = Mutation.SWITCH_REPLICAS if command.replicas_only else Mutation.SWITCH_PRIMARIES
    return Wish(command.action.value, only, database, command.number)


def of_next_step(line: str) -> Wish | None:
    """What a button that carries a line asks for: an action on one workflow, with nothing left out."""
    command = parse(line)
    if isinstance(command, ActOnWorkflow) and command.database and command.number:
        return of_command(command) if command.organization in {None, "acme"} else None
    return None


def of_form(view: Json, tables: Tables) -> Wish | None:
    """What a submitted form asks for; `None` if it does not say enough to ask for anything."""
    try:
        place = json.loads(view["private_metadata"])
        held = dict(_held(view))
        source = held["cf_source"]
        which = (held[block] for block in held if block.startswith(f"cf_every:{source}/"))
        every = [one for one in which if one and one != "/"]
        offered = {one["value"] for shown in actions_in(view["blocks"]) for one in shown.get("options", ())}
        if every and every[0] not in offered:
            return None
        chosen = tables(place["database"], place["branch"], source) if every else held[f"cf_tables:{source}"]
        body = {
            "name": held["cf_name"].strip(),
            "branch_name": place["branch"],
            "source_keyspace": source,
            "target_keyspace": next(held[block] for block in held if block.startswith("cf_target:")),
            "tables": sorted(chosen),
            "defer_secondary_keys": bool(held["cf_defer"]),
            "on_ddl": held["cf_ddl"],
        }
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
    whole = all(body[field] for field in ("name", "branch_name", "tables", "target_keyspace"))
    ours = place.get("organization", "") in {"", "acme"}
    return Wish("create", Mutation.CREATE, place["database"], None, body) if whole and ours else None


def _held(view: Json) -> Iterator[tuple[str, Any]]:
    """What each block holds, by its id: a text, a value, or several values."""
    for block_id, actions in view["state"]["values"].items():
        for held in actions.values():
            if "selected_options" in held:
                yield block_id, [option["value"] for option in held["selected_options"]]
            else:
                yield block_id, held.get("value") or (held.get("selected_option") or {}).get("value")
