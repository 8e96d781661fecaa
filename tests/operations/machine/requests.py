"""What requests to PlanetScale and their answers say, read from the bytes."""

import json

import httpx

from bot.demo.planetscale.world import Mutation


def aim(request: httpx.Request) -> tuple[str, int, Mutation]:
    segments = request.url.path.strip("/").split(
        "/"
    )  # v1/organizations/acme/databases/shop/workflows/3/cutover
    number = int(segments[6]) if len(segments) > 6 else 0
    if request.method == "POST":
        return segments[4], number, Mutation.CREATE
    return segments[4], number, Mutation(segments[7]) if len(segments) > 7 else Mutation.CANCEL


def state_in(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found.get("state") if isinstance(found, dict) else None


def active_in(body: bytes) -> set[int] | None:
    """The numbers in a list of workflows that have not ended; `None` for what is no such list."""
    try:
        found = json.loads(body)
        return {one["number"] for one in found["data"] if one["state"] not in {"completed", "cancelled"}}
    except (ValueError, KeyError, TypeError):
        return None


def said_in(request: httpx.Request) -> object:
    """The body, where there is one; tables have no order."""
    if not request.content:
        return None
    said = json.loads(request.content)
    return said | {"tables": sorted(said["tables"])}
