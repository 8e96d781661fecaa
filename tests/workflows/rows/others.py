"""What the actions with few checks of their own are checked for."""

from tests.builders import CLEAN, NOW
from tests.workflows.checking import FINE
from tests.workflows.rows.row import (
    BLOCK,
    COPYING,
    CUTOVER,
    INFO,
    NOT_SWITCHED,
    RESTORE,
    RESTORED,
    RETRY,
    REVERSE,
    VERIFY,
    WARN,
    ago,
    row,
    stream,
)

UNREPORTED = {"replicas_switched": None, "primaries_switched": None}
PERHAPS = "a switch was tried, and customer may serve live data"
THE_OTHERS = [
    row(VERIFY, BLOCK, "Still copying, about 41 %.", COPYING, "The state allows it"),
    row(
        VERIFY,
        BLOCK,
        "Writes are on customer: the forward replication is paused, and there is nothing to compare with.",
        FINE[CUTOVER],
        "The state allows it",
    ),
    row(VERIFY, BLOCK, "shop #3 is in error. Retry first.", {"state": "error", "may_retry": True}),
    row(
        VERIFY,
        BLOCK,
        "shop #3 is in error. PlanetScale offers no retry. Cancel and create again, or PlanetScale support.",
        {"state": "error", "may_retry": False, "may_restart": False},
    ),
    *(
        row(VERIFY, BLOCK, "shop #3 is in error. Retry first.", {"state": "error"} | differs)
        for differs in ({}, {"may_retry": None}, {"may_retry": False, "may_restart": True})
    ),
    row(VERIFY, BLOCK, "shop #3 is cut over.", {"state": "cutover"}),
    row(
        VERIFY,
        WARN,
        "Verified clean at 00:12 UTC; that counts until Tue 00:12 UTC.",
        {"vdiff": CLEAN},
        "There is no fresh verification yet",
    ),
    row(
        RETRY,
        BLOCK,
        "PlanetScale offers no retry. Cancel and create again, or PlanetScale support.",
        {"may_retry": False, "may_restart": False},
        "The state allows it",
    ),
    *(
        row(
            RETRY,
            BLOCK,
            f"PlanetScale offers no retry. Do not cancel: {why}. "
            "Check the application now; then PlanetScale support.",
            {"may_retry": False, "may_restart": False} | differs,
            switch_tried_at=tried_at,
        )
        for why, differs, tried_at in (
            ("writes may be on customer", {"primaries_switched": True}, None),
            ("writes may be on customer", UNREPORTED | stream(primary_serving=True), None),
            (PERHAPS, {"replicas_switched": True}, None),
            (PERHAPS, {"switch_primaries_at": ago(hours=1)}, None),
            (PERHAPS, {"switch_replicas_by": {"display_name": "Ben"}}, None),
            (PERHAPS, {}, NOW),
            ("customer may have the only copy of the tables", {"cutover_at": ago(hours=1)}, None),
        )
    ),
    *(
        row(
            RETRY,
            BLOCK,
            f"A retry may start over: it would throw away the tables in customer. {instead}",
            {"may_retry": True, "may_restart": may_restart} | differs,
        )
        for may_restart in (True, False, None)
        for instead, differs in (
            (
                "Do not cancel: writes may be on customer. "
                "Check the application now; then PlanetScale support.",
                {"primaries_switched": True},
            ),
            (
                "Do not cancel: replica reads are on customer. Check the application now. "
                "Way back: /workflow reverse-traffic shop 3; else PlanetScale support.",
                {"state": "stopped", "replicas_switched": True},
            ),
        )
    ),
    row(RETRY, BLOCK, "shop #3 is running: there is nothing to retry.", {"state": "running"}),
    row(
        RETRY,
        WARN,
        "It may start over: about 415 M rows would be copied again.",
        {"tables": COPYING["tables"]},
        "No rows have been copied yet",
    ),
    row(
        RETRY,
        WARN,
        "It may start over: all rows would be copied again.",
        {"data_copy_completed_at": ago(hours=1)},
    ),
    *(
        row(
            RETRY,
            WARN,
            "A schema change stopped it. Compare the schemas first.",
            differs,
            "No schema change is reported",
        )
        for differs in (
            {"workflow_errors": "stopped: DDL encountered"},
            stream(info="Stopped at DDL ALTER TABLE orders"),
            stream(logs=[{"message": "a schema change came"}]),
        )
    ),
    row(REVERSE, BLOCK, "No traffic is switched.", NOT_SWITCHED, "The state allows it"),
    row(
        REVERSE,
        BLOCK,
        "shop #3 is cut over: the tables in commerce are gone. reverse-cutover restores the routing rules.",
        {"state": "cutover"},
        "The state allows it",
    ),
    row(REVERSE, BLOCK, "shop #3 is cut over: the tables in commerce are gone.", RESTORED),
    *(
        row(
            REVERSE,
            BLOCK,
            f"shop #3 is {is_now}: which keyspace serves writes is not certain. PlanetScale support.",
            differs | {"state": state},
            switch_tried_at=tried_at,
        )
        for is_now, state, differs, tried_at in (
            ("in error", "error", {}, None),
            ("in error", "error", NOT_SWITCHED, NOW),
            ("in error", "error", NOT_SWITCHED | {"switch_primaries_at": ago(hours=1)}, None),
            ("stopped", "stopped", NOT_SWITCHED | {"cutover_at": ago(hours=1)}, None),
        )
    ),
    row(REVERSE, BLOCK, "shop #3 is completed.", {"state": "completed"}),
    row(REVERSE, INFO, "Whether the replication back is healthy is not read by this bot."),
    row(
        RESTORE,
        BLOCK,
        "shop #3 is completed: the routing rules cannot be restored. Point the application at @primary.",
        {"state": "completed"},
        "The state allows it",
    ),
    row(RESTORE, BLOCK, "shop #3 is not cut over.", {"state": "switched_primaries"}, "The state allows it"),
    row(RESTORE, BLOCK, "The routing rules are back already.", {"state": "reversed_cutover"}),
]
