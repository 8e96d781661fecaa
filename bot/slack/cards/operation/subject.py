"""A workflow and its request in words: names, tables, amounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.operations.model import Operation, Story
from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.rich import one_line, shorten
from bot.slack.cards.blocks.words import count, duration, names, plural
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import as_asked
from bot.workflows.facts.kind import WorkflowKind, kind_of
from bot.workflows.facts.progress import copy_of, copy_time
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import in_words, state_of
from bot.workflows.own import action_of, workflow_of

LONGEST_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Subject:
    """One operation at one moment."""

    story: Story
    now: datetime
    known: Mapping[str, str]
    """What people and groups are called, by their Slack ids."""
    clip: int = 64
    """How long a single name may be."""
    private: bool = False
    """Only whoever asked reads it."""

    @property
    def operation(self) -> Operation:
        return self.story.operation

    @property
    def kind(self) -> WorkflowKind:
        """What the workflow is for, as far as it is known."""
        told = WorkflowKind(self.story.kind)
        return kind_of(self.seen) if told is WorkflowKind.UNKNOWN and self.seen else told

    @property
    def action(self) -> Action:
        """What it does, told apart as finely as people must be told."""
        return as_asked(action_of(self.operation.action).call, self.seen, self.kind)

    @property
    def title(self) -> str:
        return self.action.title

    @property
    def seen(self) -> Workflow | None:
        """As people were shown it."""
        return workflow_of(self.operation.seen)

    @property
    def read_back(self) -> Workflow | None:
        """As it was read last for this request."""
        return workflow_of(self.operation.outcome.latest)

    @property
    def latest(self) -> Workflow | None:
        """As it was read last, or else as people were shown it."""
        return self.read_back or self.seen

    @property
    def state(self) -> str:
        """As people say it, as read last after sending."""
        latest = self.read_back
        return self.cut(in_words(latest.state)) if latest else "not read"

    @property
    def db(self) -> str:
        return self.cut(self.operation.database)

    @property
    def number(self) -> int | None:
        latest = self.read_back
        return latest.number if self.operation.number is None and latest else self.operation.number

    @property
    def ref(self) -> str:
        return self.db if self.number is None else f"{self.db} #{self.number}"

    @property
    def place(self) -> str:
        """The workflow in a command; never cut, because it is there to be pasted."""
        return " ".join(filter(None, (self.operation.database, self._digits)))

    @property
    def _digits(self) -> str:
        return "" if self.number is None else str(self.number)

    @property
    def cancel(self) -> str:
        """The command that undoes a create."""
        return "/workflow cancel" if self.number is None else f"/workflow cancel {self.place}"

    @property
    def begun(self) -> str:
        copies = self.latest is not None and state_of(self.latest.state) is WorkflowState.COPYING
        return "has begun and puts" if copies else "puts"

    @property
    def database(self) -> str:
        """The database in a command; never cut."""
        return self.operation.database

    @property
    def name(self) -> str:
        body = self._body("name")
        return self.cut(self.operation.workflow_name or (self.latest.name if self.latest else body) or "")

    @property
    def branch(self) -> str:
        branch = self.latest.branch.name if self.latest and self.latest.branch else None
        return self.cut(self.operation.branch or branch or self._body("branch_name") or "the branch")

    @property
    def branch_word(self) -> str:
        """The branch in a command."""
        branch = self.latest.branch.name if self.latest and self.latest.branch else None
        return self.operation.branch or branch or self._body("branch_name") or "<BRANCH>"

    @property
    def source(self) -> str:
        found = self.latest.source_keyspace.name if self.latest and self.latest.source_keyspace else None
        return self.cut(found or self._body("source_keyspace") or "the source keyspace")

    @property
    def target(self) -> str:
        found = self.latest.target_keyspace.name if self.latest and self.latest.target_keyspace else None
        return self.cut(found or self._body("target_keyspace") or "the target keyspace")

    @property
    def table_list(self) -> tuple[str, ...]:
        """All tables: as people were shown them, else as they were asked for or read last."""
        for workflow in (self.seen, self.read_back):
            if workflow and workflow.tables:
                return tuple(table.name for table in workflow.tables)
        return tuple(str(name) for name in self.operation.arguments.get("tables") or ())

    @property
    def tables(self) -> str:
        return names([self.cut(name) for name in self.table_list]) or "the moved tables"

    @property
    def listed(self) -> str:
        """Tables for where there is little room."""
        listed = [self.cut(name) for name in self.table_list]
        few = ", ".join(listed) if len(listed) <= 3 else f"{', '.join(listed[:2])} and {len(listed) - 2} more"
        return f"the table{'' if len(listed) == 1 else 's'} {few}" if few else "the moved tables"

    @property
    def first_table(self) -> str:
        return self.cut(self.table_list[0]) if self.table_list else "the moved tables"

    @property
    def the_tables(self) -> str:
        noun = {0: "", 1: "the table "}.get(len(self.table_list), "the tables ")
        return f"{noun}{self.tables}"

    @property
    def n_tables(self) -> str:
        return plural(len(self.table_list), "table") if self.table_list else "the moved tables"

    @property
    def they(self) -> str:
        return "It" if len(self.table_list) == 1 else "They"

    @property
    def are(self) -> str:
        return "is" if len(self.table_list) == 1 else "are"

    @property
    def them(self) -> str:
        return "it" if len(self.table_list) == 1 else "them"

    @property
    def where(self) -> str:
        """Organization, database and branch: names of keyspaces are the same in many databases."""
        return " / ".join((self.cut(self.operation.organization), self.db, self.branch))

    @property
    def live(self) -> str:
        return "lives" if len(self.table_list) == 1 else "live"

    # amounts

    @property
    def rows(self) -> str:
        """Rows that are copied already."""
        copy = copy_of(self.seen) if self.seen else None
        return "not reported" if copy is None or copy.copied is None else f"{count(copy.copied)} rows"

    @property
    def copying(self) -> str | None:
        """How long copying has taken so far, or took."""
        if self.seen is None:
            return None
        took = copy_time(self.seen)
        begun = self.seen.started_at
        if took is None and begun and state_of(self.seen.state) is WorkflowState.COPYING:
            took = (self.operation.checked_at or self.operation.asked_at) - begun
        return duration(took) if took and took > timedelta() else None

    @property
    def retry_keeps(self) -> str:
        """What becomes of the copies on a retry, as far as that is known."""
        return f"If it starts over, the copies in {self.target} are thrown away and copied anew."

    @property
    def copied(self) -> str:
        """What would have to be copied once more."""
        rows = "rows: not reported" if self.rows == "not reported" else f"about {self.rows}"
        return ", ".join(filter(None, (rows, self.copying and f"{self.copying} of copying")))

    @property
    def share(self) -> str:
        """How much is copied, as read last."""
        copy = copy_of(self.latest) if self.latest else None
        return "not reported" if copy is None or copy.percent is None else f"about {copy.percent} %"

    @property
    def deletes_named(self) -> bool:
        """Whether all that is deleted can be named; only then may somebody be asked to approve it."""
        if self.seen is None:
            return True
        found = self.action.deletion(self.seen, self.table_list)
        return found is None or bool(found.tables)

    def cut(self, text: str) -> str:
        return shorten(one_line(text), self.clip)

    def _body(self, key: str) -> str | None:
        value = self.operation.arguments.get(key)
        return value if isinstance(value, str) else None

    def cut_sentence(self, text: str) -> str:
        return shorten(one_line(text), LONGEST_SENTENCE)
