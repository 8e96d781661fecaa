"""What an operation does, what it deletes and the way back: the sentences that people decide by.

They are in the present tense: nothing of it has happened.
"""

import re
from collections.abc import Iterator

from bot.operations.model import Operation
from bot.slack.cards.blocks.rich import Line, Link, one_line, shorten
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.view import Parts, View, quoted
from bot.subjects.findings import OTHERS_WAIT, Finding
from bot.workflows.facts.kind import WorkflowKind

LONGEST_CHECK = 400
_ABOUT_REQUESTS = frozenset({"outcome", "twin", OTHERS_WAIT})
_CARD = re.compile(r"(.*): (https?://\S+)", re.DOTALL)
"""Checks about the bot's own requests, and only they, end with the address of a card."""
_STATED = "☐ By approving you state that "
ONLY_PEOPLE_KNOW = {"lag": "☐ ", "statement-names": _STATED, "statement-errors": _STATED}
"""Notes of what no check can find out, and how they begin; `only_people_know` has the card's words for it."""
_SAID_BY_THE_CARD = frozenset({*ONLY_PEOPLE_KNOW, "replication-back", "rest"})
"""Notes of the checks that stand on the card in its own words."""


def what_decides(view: View) -> list[Line]:
    """What happens and is lost, and the way back, in as few words as tell it."""
    return view.lines(view.action.before.decides)


def what_happens(view: View) -> list[Line]:
    """The same in full."""
    return view.lines(view.action.before.happens)


def in_doubt(view: View) -> list[Line]:
    """Warnings, and what is not known."""
    return [Line(parts) for parts in _doubts(view)]


def only_people_know(view: View) -> list[Line]:
    """What to look at first, and what people state by approving: no check can find it out."""
    words = view.action.before
    return view.lines((*words.look_first, *words.states))


def checks_passed(view: View) -> list[Line]:
    """`✅ 8 checks passed at 02:14 · verified clean 2 h ago`"""
    report = view.operation.report
    if report is None:
        return [Line(("❓ Checks: none were made",))]
    if not report.telling:
        return []
    matters = "".join(f" · {view.cut_sentence(text)}" for text in report.highlights)
    at: Parts = (" at ", view.at(view.operation.checked_at)) if view.operation.checked_at else ()
    highlights = quoted(matters, view.operation.asked_at)
    return [Line((f"✅ {plural(len(report.telling), 'check')} passed", *at, *highlights))]


def sentence(operation: Operation, finding: Finding) -> Parts:
    """A check's sentence as this channel may read it."""
    told = finding.without_quotes if operation.hide_errors else finding.sentence
    card = _CARD.fullmatch(told) if finding.code in _ABOUT_REQUESTS else None
    text, link = (card[1], (" · ", Link(card[2]))) if card else (told, ())
    return (*quoted(shorten(one_line(text), LONGEST_CHECK), operation.asked_at), *link)


def warnings(view: View) -> Iterator[Parts]:
    """What the checks warn of, the heaviest first; what was forced stands above all else."""
    operation = view.operation
    said = view.action.before.said
    told = [one for one in operation.warnings if one.code not in said and one not in view.forced_over]
    for finding in sorted(told, key=lambda one: -one.level):
        yield ("⚠️ ", *sentence(operation, finding))


def overridden(view: View) -> list[Line]:
    """What it is forced over, before anything else is read."""
    said = [part for finding in view.forced_over for part in (" ", *sentence(view.operation, finding))]
    return [Line(("⛔ Forced over:", *said))] if said else []


def _doubts(view: View) -> Iterator[Parts]:
    operation = view.operation
    yield from warnings(view)
    for finding in operation.report.notes if operation.report else ():
        certain = finding.code == "import" and view.kind is WorkflowKind.IMPORT
        if finding.code not in _SAID_BY_THE_CARD and not certain:
            yield ("❓ ", *sentence(operation, finding))
