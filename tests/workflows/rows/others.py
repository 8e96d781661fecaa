"""What the actions with few checks of their own are checked for."""

from tests.builders import CLEAN
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

THE_OTHERS = [
    row(VERIFY, BLOCK, "Still copying, about 41 %.", COPYING, "The state allows it"),
    row(
        VERIFY,
        BLOCK,
        "Writes are on customer: the forward replication is paused, and there is nothing to compare with.",
        FINE[CUTOVER],
        "The state allows it",
    ),
    row(VERIFY, BLOCK, "shop #3 is in error. Retry first.", {"state": "error"}),
    row(VERIFY, BLOCK, "shop #3 is cut over.", {"state": "cutover"}),
    row(
        VERIFY,
        WARN,
        "Verified clean 2 h ago; that counts for 21 h more.",
        {"vdiff": CLEAN},
        "There is no fresh verification yet",
    ),
    row(
        RETRY,
        BLOCK,
        "PlanetScale says that this cannot be retried. Cancel and create again.",
        {"may_retry": False, "may_restart": False},
        "The state allows it",
    ),
    row(RETRY, BLOCK, "shop #3 is in the state `running`: there is nothing to retry.", {"state": "running"}),
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
    row(
        REVERSE,
        BLOCK,
        "shop #3 is in error: which keyspace serves writes is not certain. PlanetScale support.",
        {"state": "error"},
    ),
    row(REVERSE, BLOCK, "shop #3 is completed.", {"state": "completed"}),
    row(REVERSE, INFO, "Whether the replication back is healthy is not in the API."),
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
