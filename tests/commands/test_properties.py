"""What holds whatever is typed."""

import re
from dataclasses import fields, replace

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.commands.help import help_page
from bot.commands.lines import chat_line
from bot.commands.model import (
    ActionName,
    ActOnWorkflow,
    Approvals,
    Command,
    CreateWorkflow,
    Format,
    Help,
    History,
    ListWorkflows,
    Mistake,
    OnDdl,
    OnWorkflow,
    Parsed,
    SecretTyped,
    ShowWorkflow,
    UnwatchWorkflow,
    WatchWorkflow,
)
from bot.commands.names import LARGEST_NUMBER
from bot.commands.parser import parse
from bot.commands.secret import find_secret
from bot.commands.tokens import plain
from bot.demo.slack.complete import completions
from tests.commands import strategies as typed

SAFE_LOWER = re.compile(r"[a-z0-9][a-z0-9_-]*")
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")

numbers = st.integers(1, LARGEST_NUMBER)
common = {"organization": st.none() | typed.organizations, "format": st.sampled_from(Format)}
names = st.none() | typed.keyspaces


def actions(action: ActionName) -> st.SearchStrategy[Command]:
    forced = action in {ActionName.SWITCH_TRAFFIC, ActionName.CUTOVER, ActionName.CANCEL}
    return st.builds(
        ActOnWorkflow,
        action=st.just(action),
        database=typed.databases,
        number=numbers,
        force=st.booleans() if forced else st.just(value=False),
        replicas_only=st.booleans() if action is ActionName.SWITCH_TRAFFIC else st.just(value=False),
        reason=typed.reasons,
        **common,
    )


create = st.builds(
    CreateWorkflow,
    database=typed.databases,
    branch=typed.branches,
    name=st.none() | typed.workflow_names,
    source_keyspace=names,
    target_keyspace=names,
    global_keyspace=names,
    tables=typed.tables,
    defer_secondary_keys=st.booleans(),
    on_ddl=st.sampled_from(OnDdl),
    interactive=st.just(value=True),
    reason=typed.reasons,
    **common,
).filter(
    lambda command: (
        command.target_keyspace is None
        or command.target_keyspace not in {command.source_keyspace, command.global_keyspace}
    )
)
in_cli = st.one_of(
    st.builds(ListWorkflows, database=typed.databases, **common),
    st.builds(ShowWorkflow, database=typed.databases, number=numbers, **common),
    st.sampled_from([action for action in ActionName if action is not ActionName.CREATE]).flatmap(actions),
    create,
    st.builds(Help, topic=st.sampled_from([None, "show", "create", "cutover"])),
)
own = st.one_of(
    st.builds(WatchWorkflow, database=typed.databases, number=numbers, **common),
    st.builds(UnwatchWorkflow, database=typed.databases, number=numbers, **common),
    st.builds(Approvals, **common),
    st.builds(History, database=typed.databases, number=st.none() | numbers, **common),
    st.builds(Help, topic=st.sampled_from(["help", "watch", "history"])),
)


def check_names(command: Command) -> None:
    """Every name of a command is safe in a URL, and every table is printable and no path."""
    for field in fields(command):
        value = getattr(command, field.name)
        if field.name in {"database", "branch"}:
            assert (value is None and field.name == "database") or SAFE_LOWER.fullmatch(value)
        elif field.name in {"organization", "name", "source_keyspace", "target_keyspace", "global_keyspace"}:
            assert value is None or SAFE.fullmatch(value)
        elif field.name == "number":
            assert value is None or 1 <= value <= LARGEST_NUMBER
        elif field.name == "tables":
            assert all(table.isprintable() and not set(table) & set("/\\`") for table in value)
            assert not set(value) & {"", ".", ".."}
            assert len(set(value)) == len(value)


def without_notes(parsed: Parsed) -> Parsed:
    """What was understood, without what is said about a flag that had no effect."""
    return replace(parsed, notes=()) if isinstance(parsed, Command) else parsed


@settings(max_examples=600, deadline=None)
@given(typed.texts)
@example("-" + "i" * 2_900)
@example("--" * 1_400)
@example("'" * 999)
@example("--tables a " + "," * 2_000)
@example("x" * 100_000)
@example(" --zzzzzz" * 20_000)
def test_whatever_is_typed_is_answered(text: str) -> None:
    """Any text becomes a command with safe names, a bounded mistake with a good suggestion, or a refusal."""
    parsed = parse(text)
    if isinstance(parsed, Command):
        check_names(parsed)
    elif isinstance(parsed, Mistake):
        assert parsed.problem.isprintable()
        assert len(parsed.problem) < 300
        if parsed.suggestion is not None and parsed.suggestion.startswith("/"):
            assert isinstance(parse(parsed.suggestion), Command)
        assert help_page(parsed.topic).topic == parsed.topic
    else:
        assert isinstance(parsed, SecretTyped)


@settings(max_examples=300, deadline=None)
@given(typed.texts)
def test_completion_never_fails(text: str) -> None:
    """Any half-typed text has completions, or none; never an exception."""
    for completion in completions(text):
        assert completion.help


@settings(max_examples=300, deadline=None)
@given(in_cli)
def test_a_line_pasted_from_a_terminal_says_the_same(command: Command) -> None:
    """What can be typed after `pscale workflow` is, with it, pasted into chat, the same command."""
    line = chat_line(command).replace("/workflow", "pscale workflow", 1)
    if find_secret(plain(line)) is None and plain(line) == line:
        assert without_notes(parse(line)) == command


@settings(max_examples=300, deadline=None)
@given(in_cli | own)
def test_the_chat_line_says_the_same(command: Command) -> None:
    """The chat line of a command is that command again, unless a database is called as a number is."""
    line = chat_line(command)
    assume(
        not (isinstance(command, History) and command.number is None and (command.database or "").isdigit())
    )
    if find_secret(plain(line)) is None and plain(line) == line:
        assert without_notes(parse(line)) == command


@settings(max_examples=200, deadline=None)
@given(in_cli | own, st.booleans())
def test_a_line_may_leave_something_out(command: Command, number_too: bool) -> None:
    """A line that leaves database or number out is understood as such."""
    assume(isinstance(command, OnWorkflow))
    assert isinstance(command, OnWorkflow)
    shorter = replace(command, database=None, number=None if number_too else command.number)
    line = chat_line(shorter)
    if find_secret(plain(line)) is None and plain(line) == line:
        assert without_notes(parse(line)) == shorter
