"""`make soak`: the long one. `python -m tests.processes --seed 7 --operations 200`."""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.processes.plans import MINUTE, hour
from tests.processes.soak import Result, soak
from tests.store.postgres import PostgresServer, find_binaries


def main() -> int:
    """Run it, say what came of it, and fail where a promise was broken."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--operations", type=int, default=200)
    parser.add_argument("--minute", action="store_true", help="the bounded one, which the suite runs")
    options = parser.parse_args()
    plan = MINUTE if options.minute else hour(options.operations)
    binaries = find_binaries()
    if binaries is None:
        print("no PostgreSQL here: install it, or say where with PG_BINDIR")
        return 1
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # answers that are cut off are meant to be
    print(f"seed {options.seed}, {plan.operations} operations", flush=True)
    server = PostgresServer(binaries, keeps=True)
    folder = Path(tempfile.mkdtemp(prefix="workflow-bot-soak-"))
    began = time.monotonic()
    try:
        result = asyncio.run(soak(plan, options.seed, server, folder, lambda line: _say(line, began)))
    finally:
        server.stop()
    _report(result, folder)
    return 1 if result.faults else 0


def _say(line: str, began: float) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)


def _report(result: Result, folder: Path) -> None:
    print(f"after {result.seconds:.0f} s; logs in {folder}")
    print(f"ends: {dict(result.ends)}")
    print(f"what went wrong: {dict(result.happened)}")
    print(f"tracebacks in the log: {dict(result.strange)}")
    print(*result.faults or ["every promise held"], sep="\n")


sys.exit(main())
