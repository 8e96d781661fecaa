"""Whatever an operator can set, type, see or be called for is documented. What is missing is named."""

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from bot import __version__
from bot.approvals.policy_file import PolicyFile
from bot.approvals.terms import DatabaseSection, OrganizationSection, RecordsSection
from bot.cli import build_parser
from bot.settings import EXPLANATIONS
from tests.metrics.test_deployed import rules

ROOT = Path(__file__).parent.parent
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_CODE = re.compile(r"```.*?```", re.DOTALL)
_LEVELS = {"warning", "error", "exception", "critical"}
_EDGES = ("bot/cli.py", "bot/run.py", "bot/check.py", "bot/upkeep.py")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def in_tables(page: str) -> set[str]:
    """What stands between backticks in the first column of the tables of a page."""
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_settings() -> None:
    """Every setting stands in the README's table, and `.env.example` names none that does not exist."""
    assert set(EXPLANATIONS) <= in_tables(read("README.md"))
    named = set(re.findall(r"^#? ?([A-Z_]+)=", read(".env.example"), re.MULTILINE))
    assert named <= set(EXPLANATIONS) | {"POSTGRES_PASSWORD"}


def test_commands() -> None:
    """Every command of `workflow-bot`, and each of its flags, stands in the README or a page of docs/."""
    said = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "CHANGELOG.md")
    missing = [line for line in _typed(build_parser()) if not re.search(rf"{re.escape(line)}\b", said)]
    assert not missing


def test_commands_that_are_deployed() -> None:
    """What the Procfile, Compose, the image and the units of systemd start are commands that exist."""
    (commands,) = (one for one in build_parser()._actions if isinstance(one, argparse._SubParsersAction))
    services = yaml.safe_load(read("compose.yaml"))["services"].values()
    started = {
        *re.findall(
            r"workflow-bot (\w+)$", read("Procfile") + read("deploy/workflow-bot.service"), re.MULTILINE
        ),
        *re.findall(r'^CMD \["(\w+)"\]$', read("Dockerfile"), re.MULTILINE),
        *(word for service in services for word in service.get("command", ())),
        *re.findall(r"^install .*/workflow-bot-(\w+)@\.service$", read("docs/deploying.md"), re.MULTILINE),
    }
    assert started == {"run", "web", "worker", "migrate"} <= set(commands.choices)


def _typed(parser: argparse.ArgumentParser) -> Iterator[str]:
    """`workflow-bot audit`, `--since`, …"""
    for action in parser._actions:  # argparse tells it in no other way
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"workflow-bot {name}"
                yield from _typed(command)
        else:
            yield from (one for one in action.option_strings if one.startswith("--") and one != "--help")


def test_policy_keys() -> None:
    """Every key of the policy file stands in a table of docs/policy.md."""
    keys = {
        *DatabaseSection.model_fields,
        *OrganizationSection.model_fields,
        *RecordsSection.model_fields,
    }
    page = read("docs/policy.md")
    assert keys <= in_tables(page)
    assert all(f"[{name}]" in page for name in PolicyFile.model_fields)


def test_alerts() -> None:
    """Each alert has a heading of its own in the runbook, which says how urgent it is; no other has one."""
    told = re.findall(r"^### (WorkflowBot\w+)\n\*(\w+)\.\*", read("docs/runbook.md"), re.MULTILINE)
    assert {(name, severity.lower()) for name, severity in told} == {
        (rule["alert"], rule["labels"]["severity"]) for rule in rules()
    }


def test_lines_of_the_log() -> None:
    """Each line that warns, or tells of an error, is in the runbook by the word that it begins with."""
    page = read("docs/runbook.md")
    missing = {event: file for event, file in _events() if f"`{event}`" not in page}
    assert not missing


def test_no_line_that_is_not_there() -> None:
    """The runbook's tables of lines name none that the bot does not write."""
    part = read("docs/runbook.md").partition("## Lines of the log")[2].partition("## Exit codes")[0]
    assert in_tables(part) <= {event for event, _ in _events()}


def _events() -> Iterator[tuple[str, str]]:
    """Each, with a file that writes it."""
    for file in sorted((ROOT / "bot").rglob("*.py")):
        if "demo" in file.parts:
            continue
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and (event := _event_of(call)):
                yield event, file.relative_to(ROOT).as_posix()


def _event_of(call: ast.Call) -> str | None:
    """The event that a call of the log, or of the gate's `_warn(sampled, event)`, writes."""
    called = call.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        written = called.value.id in {"log", "_log"} and called.attr in _LEVELS
        place = 0
    else:
        written = isinstance(called, ast.Name) and called.id == "_warn"
        place = 1
    if not written or len(call.args) <= place:
        return None
    event = call.args[place]
    return event.value if isinstance(event, ast.Constant) and isinstance(event.value, str) else None


def test_exit_codes() -> None:
    """Every code with which a command ends stands in the runbook's table."""
    page = read("docs/runbook.md").partition("## Exit codes")[2].partition("\n## ")[0]
    documented = {row.split("|")[1].strip() for row in page.splitlines() if row.startswith("| ")}
    used = {code for file in _EDGES for code in _codes(ast.parse(read(file)))}
    assert {0, 1, 2} <= used
    assert {str(code) for code in used} <= documented


def _codes(tree: ast.Module) -> Iterator[int]:
    """The numbers that stand in a `return` of whatever returns a number."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and _is_code(function.returns):
            for one in ast.walk(function):
                if isinstance(one, ast.Return) and one.value:
                    yield from (
                        part.value
                        for part in ast.walk(one.value)
                        if isinstance(part, ast.Constant) and type(part.value) is int
                    )


def _is_code(returned: ast.expr | None) -> bool:
    return isinstance(returned, ast.Name) and returned.id == "int"


def test_version() -> None:
    """What is new in the version that runs stands in CHANGELOG.md, as its newest section."""
    newest, *_ = re.findall(r"^## ([0-9.]+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest == __version__


def test_links() -> None:
    """Every link of a page to another page, file or heading leads somewhere."""
    broken = [
        f"{page.name}: {target}#{anchor}"
        for page in PAGES
        for target, anchor in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
        if not _leads_somewhere(page, target, anchor)
    ]
    assert not broken


def _leads_somewhere(page: Path, target: str, anchor: str) -> bool:
    file = (page.parent / target).resolve() if target else page
    if not file.exists():
        return False
    return not anchor or anchor in {_slug(line) for line in _headings(file.read_text(encoding="utf-8"))}


def _headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", _CODE.sub("", text), re.MULTILINE)


def _slug(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_units() -> None:
    """The two units of systemd restrict the bot alike."""

    def restrictions(name: str) -> str:
        return read(f"deploy/{name}").partition("NoNewPrivileges")[2]

    assert restrictions("workflow-bot.service") == restrictions("workflow-bot-role@.service") != ""
