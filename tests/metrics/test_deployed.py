"""The dashboard and the alert rules, against the figures that exist."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.metrics.rows import CLASSES
from bot.metrics.table import FIGURES, Figure, FigureKind, Scope
from bot.operations.model import State
from bot.planetscale.buckets import PORTION_SECONDS, TRAVEL, WINDOW, Allowance
from bot.planetscale.errors import FailureKind
from bot.slack.codes import Trouble
from bot.slack.measured_app import COMMAND, KINDS, OTHER

ROOT = Path(__file__).parent.parent.parent
BY_SERIES = {series: figure for figure in FIGURES for series in figure.series}
OF_PROMETHEUS = {"le", "instance", "job"}
"""Labels that are not the bot's."""
KNOWN: Mapping[str, set[str]] = {
    "state": {state.value for state in State},
    "outcome": {state.value for state in State},
    "class": set(CLASSES.values()),
    "kind": {COMMAND, OTHER, *KINDS.values()},
    "level": {"warning", "error"},
    "result": {"ok", *(kind.value for kind in FailureKind), *(one.name.lower() for one in Trouble)},
    "job": {"workflow-bot"},
    "part": {"slack_token"},
}
"""What may stand in a label, where a rule asks for a certain one."""

_FIGURE = re.compile(r"\b(workflow_bot_\w+)")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
_GROUPED = re.compile(r"\bby \(([^)]*)\)")
_SHOWN = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")


def rules() -> list[dict[str, Any]]:
    """All alert rules."""
    groups = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """The dashboard, as Grafana imports it."""
    loaded: dict[str, Any] = json.loads((ROOT / "deploy/grafana.json").read_text(encoding="utf-8"))
    return loaded


def asked() -> Iterator[tuple[str, str]]:
    """Each expression, with what is shown beside it."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"], target["legendFormat"]
    for rule in rules():
        yield rule["expr"], " ".join(rule["annotations"].values())


def figures_in(expression: str) -> set[Figure]:
    """The figures that it asks for, each of which exists."""
    return {BY_SERIES[name] for name in _FIGURE.findall(expression)}


def test_only_figures_that_exist_are_asked_for() -> None:
    """No panel and no rule asks for a figure, a label or a word in a label that the bot does not serve."""
    for expression, shown in asked():
        labels = OF_PROMETHEUS | {label for figure in figures_in(expression) for label in figure.labels}
        for label, values in _MATCHER.findall(expression):
            assert label in labels, expression
            assert set(values.split("|")) <= KNOWN[label], expression
        grouped = {label.strip() for found in _GROUPED.findall(expression) for label in found.split(",")}
        assert grouped <= labels, expression
        named = set(_SHOWN.findall(shown))
        assert named <= (grouped or labels), (expression, shown)


def test_every_figure_is_on_the_dashboard() -> None:
    """What is counted can be looked at."""
    shown = {figure for panel in dashboard()["panels"] for figure in _of_panel(panel)}
    assert shown == set(FIGURES)


def _of_panel(panel: Mapping[str, Any]) -> Iterable[Figure]:
    return (figure for target in panel.get("targets", ()) for figure in figures_in(target["expr"]))


def test_figures_of_all_processes_are_not_added_up() -> None:
    """Where every process says the same of all, the greatest is taken, not the sum; and what only rises is
    asked for its rise."""
    for expression, _ in asked():
        for figure in figures_in(expression):
            if figure.scope is Scope.ROWS:
                assert re.search(r"\bmax\b", expression), expression
                assert not re.search(r"\bsum\b", expression), expression
            if figure.kind is not FigureKind.GAUGE:
                assert re.search(r"\b(rate|increase)\(", expression), expression


def test_every_rule_can_be_acted_on() -> None:
    """Each alert has a name of its own, says in a sentence what is wrong, and whether it can wait."""
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"WorkflowBot[A-Z]\w+", rule["alert"])


def test_a_budget_that_is_spent_is_seen() -> None:
    """The alert of a spent budget comes before the share that is used when everybody waits all the time."""
    rule = next(one for one in rules() if one["alert"] == "WorkflowBotBudgetSpent")
    share = float(rule["expr"].rpartition(">")[2])
    for budget in (10, 480, 600):
        lasting = WINDOW * Allowance.of(budget, TRAVEL + PORTION_SECONDS).a_second
        assert share < lasting / budget
