"""The organization `acme` that the demo shows: its databases, with workflows in every stage."""

from datetime import datetime, timedelta
from typing import Any

from bot.demo.planetscale import machine, place
from bot.demo.planetscale.world import Actor, Keyspace, State, Workflow, World

M = 1_000_000
DEV = Actor("dev@acme.example")
DAY = 24.0

_THINGS = ("brand", "price", "product", "bundle", "colour", "label", "season", "supplier")
_PARTS = ("s", "_events", "_history", "_labels", "_links")
CATALOG_TABLES = ["media_assets", *(thing + part for thing in _THINGS for part in _PARTS)][:40]
CATALOG_LARGE = {"product_events": 3200 * M, "prices": 300 * M, "media_assets": 300 * M}


def demo_world(now: datetime) -> World:
    """The world of the demo at the moment `now`."""
    seed = _Seed(World("acme"), now)
    _shop(seed)
    _one_stage_each(seed)
    _trouble(seed)
    _many(seed)
    _odd(seed)
    _furnish(seed.world, now)
    return seed.world


class _Seed:
    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.now = world, now

    def put(
        self, database: str, number: int, name: str, state: str, hours: float = 2, **more: Any
    ) -> Workflow:
        """A workflow that has been in `state` for so many `hours`."""
        plan = place.Plan(database, number, State(state), timedelta(hours=hours))
        return place.build(self.world, self.now, plan, name=name, **more)

    def keyspace(self, workflow: Workflow, name: str) -> Keyspace:
        return self.world.databases[workflow.database].branches[workflow.branch].keyspaces[name]


def _shop(seed: _Seed) -> None:
    seed.put("shop", 1, "users-to-customer", "completed", 20 * DAY, tables={"users": 48 * M})
    seed.put("shop", 2, "sessions-to-customer", "cancelled", 17 * DAY, tables={"sessions": 210 * M})
    seed.put("shop", 3, "orders-to-customer", "verified_data", 2)
    seed.put(
        "shop", 4, "reviews-to-customer", "completed", 12 * DAY, branch="staging", tables={"reviews": 9 * M}
    )
    seed.put("shop", 5, "carts-to-customer", "cancelled", 9 * DAY, branch="staging", tables={"carts": 31 * M})
    seed.put(
        "shop", 6, "coupons-to-customer", "completed", 8 * DAY, branch="staging", tables={"coupons": 2 * M}
    )
    rows = {table: CATALOG_LARGE.get(table, (20 + 7 * (i % 5)) * M) for i, table in enumerate(CATALOG_TABLES)}
    seed.put(
        "shop",
        7,
        "catalog-split",
        "copying",
        percent=37.5,
        branch="catalog",
        source="legacy",
        target="catalog",
        target_shards=("-40", "40-80", "80-c0", "c0-"),
        tables={
            name: (count, count * (94 + 3 * (i % 6)) // 100) for i, (name, count) in enumerate(rows.items())
        },
        rows_per_second=96_000.0,
        actor=DEV,
    )
    seed.put("shop-eu", 3, "orders-to-customer", "switched_replicas", 5, actor=DEV)


def _one_stage_each(seed: _Seed) -> None:
    seed.put("identity", 1, "logins-split", "verifying_data", 0.2, tables={"logins": 800 * M})
    seed.put("payments", 2, "charges-split", "verified_data", 26, tables={"charges": 120 * M})
    seed.put("accounts", 9, "accounts-split", "switched_primaries", 26, tables={"accounts": 75 * M})
    early = seed.put(
        "accounts-eu", 2, "accounts-split", "switched_primaries", 0.6, tables={"accounts": 22 * M}
    )
    seed.keyspace(early, early.target).require_explicit_routing = True
    seed.put("events", 12, "events-split", "cutover", 3, tables={"clicks": 900 * M, "views": 2100 * M})
    seed.put(
        "crm",
        5,
        "rds-import",
        "switched_primaries",
        26,
        imported=True,
        source="rds",
        target="crm",
        target_shards=("-",),
        tables={"contacts": 12 * M, "companies": 3 * M, "notes": 88 * M},
    )
    seed.put(
        "crm-eu",
        1,
        "rds-import-eu",
        "copying",
        percent=58,
        imported=True,
        workflow_subtype="import",
        source="rds",
        target="crm",
        target_shards=("-",),
        tables={"contacts": 210 * M, "notes": 640 * M},
        actor=DEV,
    )
    seed.put(
        "analytics",
        3,
        "page-views-split",
        "copying",
        percent=100,
        tables={"page_views": 900 * M},
        target_shards=("-",),
    )
    seed.put(
        "metrics",
        1,
        "samples-split",
        "copying",
        percent=100,
        tables={"samples": 400 * M},
        defer_secondary_keys=False,
        catch_up_seconds=5400.0,
    )


def _trouble(seed: _Seed) -> None:
    seed.put(
        "billing", 4, "invoices-split", "error", 1.5, tables={"invoices": 260 * M, "line_items": 410 * M}
    )
    seed.put("media", 8, "assets-split", "stopped", 0.5, tables={"assets": 140 * M, "thumbnails": 560 * M})
    throttled = seed.put("search", 2, "documents-split", "copying", percent=22, tables={"documents": 330 * M})
    machine.hold(throttled, seed.now - timedelta(minutes=12), "vplayer")
    ledger = seed.put(
        "ledger", 6, "entries-split", "verified_data", 1, tables={"accounts": 4 * M, "entries": 520 * M}
    )
    if ledger.vdiff:
        ledger.vdiff.found = machine.differences(ledger)


def _many(seed: _Seed) -> None:
    for number in range(1, 60):
        state = "cancelled" if number % 7 == 0 else "completed"
        table = f"archive_{2020 + number // 12}_{number % 12 + 1:02}"
        seed.put("warehouse", number, f"move-{table}", state, (62 - number) * DAY, tables={table: number * M})
    seed.put("warehouse", 60, "move-archive_2025_01", "running", 4, tables={"archive_2025_01": 61 * M})


def _odd(seed: _Seed) -> None:
    seed.put(
        "odd-names",
        1,
        "<!channel> *x* <https://evil.invalid|click>",
        "error",
        1,
        tables={"<@U0EVE>": 5 * M, "größe_表": 7 * M, "t" * 64: 9 * M, "a & b": (0, 0)},
        workflow_errors="<!here> `x` *bold* <https://evil.invalid|click> & more\nsecond line",
    )


def _furnish(world: World, now: datetime) -> None:
    """Sequences, a table that nobody moves, and backups of each branch (`events`: none since yesterday)."""
    for database in world.databases.values():
        for branch in database.branches.values():
            first = 40 if database.name == "events" else 4
            branch.backups = [now - timedelta(hours=first + 24 * day) for day in range(7)]
            for keyspace in branch.keyspaces.values():
                if not keyspace.sharded and not keyspace.imported:
                    keyspace.tables |= {f"{name}_seq": 1 for name in [*keyspace.tables] if len(name) < 60}
                    keyspace.tables["settings"] = 120
