"""The command line."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from bot import __version__
from bot.settings import SettingsError, demo_port, load_database_url, load_settings

Runner = Callable[[argparse.Namespace], int]

_EXIT_CODES: Final = (
    "Exit codes: 0 done, 1 the bot cannot work, 2 it was started wrongly, 3 the audit log is not whole."
)
_OWNER_ONLY: Final = 0o077
"""Rows, their log and exports hold who asked for what and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command. A bad setting ends with a line for each, never with a traceback.

    What it prints is UTF-8, whatever the locale: reasons and names are in everybody's language. The files
    that it makes can be opened by their owner only.
    """
    before = os.umask(_OWNER_ONLY)
    try:
        return _carried_out(arguments)
    finally:
        os.umask(before)


def _carried_out(arguments: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    run: Runner = options.run
    try:
        return run(options)
    except SettingsError as error:
        print("The bot cannot start:", *error.lines, sep="\n  ", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def build_parser() -> argparse.ArgumentParser:
    """All commands and their flags."""
    parser = argparse.ArgumentParser(
        prog="workflow-bot", description="PlanetScale workflows in Slack.", epilog=_EXIT_CODES
    )
    parser.add_argument("--version", action="version", version=f"workflow-bot {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for role, what in (
        ("run", "run all of the bot in one process"),
        ("web", "answer Slack, and nothing else: one of several processes on PostgreSQL"),
        ("worker", "poll, execute and deliver, and nothing else: one of several processes on PostgreSQL"),
    ):
        commands.add_parser(role, help=what).set_defaults(run=partial(_run, role))
    commands.add_parser("demo", help="try it in a browser, with no account").set_defaults(run=_demo)
    check = commands.add_parser(
        "check", help="try all that can be tried without changing anything, and say what is wrong"
    )
    check.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    check.set_defaults(run=_check)
    migrate = commands.add_parser("migrate", help="bring the database to the current schema")
    migrate.add_argument(
        "--from",
        dest="source",
        metavar="ADDRESS",
        help="move all rows of this SQLite database (sqlite:///…) to the one that DATABASE_URL names",
    )
    migrate.set_defaults(run=_migrate)
    audit = commands.add_parser("audit", help="export the audit log, or verify it")
    audit.add_argument("--since", type=_moment, help="from this day or moment on, e.g. 2026-11-01; UTC")
    audit.add_argument("--format", choices=("jsonl", "json", "csv"), default="jsonl")
    audit.add_argument(
        "--requests",
        action="store_true",
        help="a row for each request instead of a line for each event: who asked for what and why, "
        "who decided, how it ended",
    )
    audit.add_argument(
        "--workspace",
        metavar="ADDRESS",
        help="with --requests: the workspace's address (https://acme.slack.com), for links to the cards",
    )
    audit.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="write to this new file, which only its owner can open, instead of printing",
    )
    audit.add_argument(
        "--verify",
        action="store_true",
        help="export nothing, and say whether all lines are there as they were written: exit code 3 if not",
    )
    audit.add_argument(
        "--kept", metavar="HEAD", type=_hash, help="with --verify: the head that an earlier one printed"
    )
    audit.set_defaults(run=_audit)
    manifest = commands.add_parser("manifest", help="print the Slack app's manifest")
    manifest.add_argument(
        "--url",
        help="the bot's public address, with its path if it has one: Slack calls /slack/events under it; "
        "without it, a manifest for Socket Mode",
    )
    manifest.set_defaults(run=_manifest)
    return parser


def _run(role: str, _options: argparse.Namespace) -> int:
    from bot.process import Role
    from bot.run import run_bot

    return _loop(run_bot(load_settings(), Role(role), _complain))


def _check(options: argparse.Namespace) -> int:
    from bot.check import check, check_as_json, refused_as_json

    if not options.json:
        return _loop(check(load_settings(), print))
    try:
        settings = load_settings()
    except SettingsError as error:
        refused_as_json(error, print)
        return 2
    return _loop(check_as_json(settings, print))


def _demo(_options: argparse.Namespace) -> int:
    from bot.demo.run import run_demo

    return _loop(run_demo(demo_port(), print))


def _migrate(options: argparse.Namespace) -> int:
    from bot.upkeep import migrate_database, move_database

    if options.source:
        return _loop(move_database(options.source, load_database_url(), print, _complain))
    return _loop(migrate_database(load_database_url(), print, _complain))


def _audit(options: argparse.Namespace) -> int:
    from bot.upkeep import Export, export_audit, verify_audit

    if options.verify:
        return _loop(verify_audit(load_database_url(), options.kept, print, _complain))
    wanted = Export(options.since, options.format, options.requests, options.workspace)
    url = load_database_url()
    if options.output is None:
        return _loop(export_audit(url, wanted, sys.stdout, _complain))
    try:
        with options.output.open("x", encoding="utf-8", newline="") as file:
            return _loop(export_audit(url, wanted, file, _complain))
    except OSError as error:
        _complain(f"{options.output} cannot be written: {error.strerror}.")
        return 1


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no day or moment; write 2026-11-01 or 2026-11-01T02:14Z"
        raise argparse.ArgumentTypeError(msg) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _hash(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        msg = f"{text!r} is no head; write the 64 signs that --verify printed after 'Head: '"
        raise argparse.ArgumentTypeError(msg)
    return text


def _manifest(options: argparse.Namespace) -> int:
    from bot.slack.manifest import AddressError, manifest

    try:
        print(manifest(options.url), end="")
    except AddressError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _loop(work: Coroutine[Any, Any, int]) -> int:
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop  # not to be had on Windows

    return uvloop.run(work)
