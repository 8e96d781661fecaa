"""What the sentences of news are filled with: what happened, and the workflow as it was then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.blocks.rich import At, Part, code
from bot.slack.cards.blocks.templates import Parts, TemplateFields
from bot.slack.cards.blocks.words import duration, names, plural
from bot.slack.cards.watch.live_buttons import (
    CUT_OVER,
    RESTORE,
    REVERSE,
    SWITCH_PRIMARIES,
    SWITCH_REPLICAS,
    VERIFY,
    NextStep,
    allowed,
    next_of,
    way_back,
)
from bot.slack.cards.watch.live_told import THEN, serving, writes
from bot.slack.cards.watch.live_trouble import advice, was
from bot.slack.cards.watch.live_view import LiveView, Room
from bot.slack.cards.watch.news_state import may_cancel, moves_back, still, waiting, was_so
from bot.slack.cards.workflow.headline import share
from bot.watch.ports import News
from bot.workflows.actions.registry import of_call
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import copy_time
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.own import happened_of

NEAR = timedelta(hours=12)
"""Moments as near as this stand without a date."""
LATE = timedelta(minutes=10)

_BY_TIME = frozenset({Happening.STALE_SOON, Happening.STALE, Happening.NOT_COMPLETED})
"""Nothing happened then but that time went by."""
_NEXT: Mapping[NextStep, str] = {
    VERIFY: "Next: verify the data.",
    SWITCH_REPLICAS: "Next: switch replica reads.",
    SWITCH_PRIMARIES: "Next: switch primaries.",
}
_MEANWHILE = (REVERSE.call, WorkflowCall.CANCEL, VERIFY.call)
"""What may be wanted while a verification does not get on."""
_CONNECT = {
    WorkflowKind.IMPORT: "⚠️ Connect the application to PlanetScale before anything is switched.",
    WorkflowKind.UNKNOWN: "❓ If this is an import: connect the application to PlanetScale first.",
    WorkflowKind.MOVE: "",
}


@dataclass(frozen=True, slots=True)
class NewsView(TemplateFields):
    """One piece of news at the moment at which it is told."""

    news: News
    live: LiveView
    """The workflow as it was when this happened."""
    current: LiveView
    """The workflow as it is when this is told."""

    def within(self, room: Room) -> "NewsView":
        """The same with less room."""
        return replace(self, live=self.live.within(room))

    def field(self, name: str) -> Parts:
        """What is not said of the news is said of the workflow."""
        return TemplateFields.field(self, name) if hasattr(type(self), name) else self.live.field(name)

    @property
    def happened(self) -> Happened:
        return happened_of(self.news.happened)

    @property
    def told_by_card(self) -> bool:
        """An operation of the bot did it, so that one line with a link is enough."""
        return self.news.caused_by is not None

    # moments

    def moment(self, moment: datetime | None) -> Part:
        """A moment; with its date where it is not near."""
        if moment is None:
            return "a time that is not reported"
        near = abs(self.live.now - moment) < NEAR
        return At(moment, "{time}") if near else At(moment)

    @property
    def at(self) -> Part:
        return self.moment(self.happened.at)

    @property
    def fresh_until(self) -> Part:
        return self.moment(self.live.verification.fresh_until)

    @property
    def first_expected(self) -> Part:
        return self.moment(self.live.observed.first_estimate_at)

    @property
    def lasted(self) -> str:
        """`30 min`, `2 h 10 min`"""
        since = self.happened.since
        return duration(self.happened.at - since) if since else "a while"

    @property
    def begun(self) -> Part:
        """Since when it is so: an age would be wrong a minute later."""
        return self.moment(self.happened.since)

    @property
    def is_late(self) -> bool:
        """Slack, PlanetScale or the bot could not be reached."""
        return self.happened.what not in _BY_TIME and self.live.now - self.happened.at > LATE

    @property
    def late(self) -> Parts:
        """` (at 02:20, told late)`"""
        if not self.is_late:
            return ()
        near = self.live.now - self.happened.at < NEAR
        return (" (at " if near else " (", self.at, ", told late)")

    # the workflow

    @property
    def serves(self) -> Parts:
        return serving(self.live, self._then(serving))

    @property
    def writes(self) -> str:
        return writes(self.live, self._then(writes))

    def _then(self, told: Callable[[LiveView], object]) -> str:
        """` (then)`, where what is told of the traffic is not so any more."""
        known = self.current.watch.observed is not None
        return THEN if known and told(self.live) != told(self.current) else ""

    @property
    def copied(self) -> str:
        took = copy_time(self.live.workflow)
        return f"Copied in {duration(took)}" if took else "Copied"

    @property
    def tables_compared(self) -> str:
        tables = len(self.live.table_list)
        return f"{plural(tables, 'table')}, " if tables else ""

    @property
    def rows(self) -> str:
        found = self.live.verification.rows
        return plural(found, "row differs", "rows differ") if found else "Rows differ"

    @property
    def where(self) -> str:
        tables = dict.fromkeys(self.live.cut(one.table) for one in self.live.verification.differences)
        return f" ({names(list(tables), 3)})" if tables else ""

    @property
    def named_tables(self) -> str:
        """`table orders`, `tables orders and line_items`"""
        known = self.live.table_list
        return f"table{'' if len(known) == 1 else 's'} {self.live.tables}" if known else self.live.tables

    @property
    def ended_as(self) -> Parts:
        said = self.live.verification.ended_as
        return (": ", code(self.live.cut(said))) if said else (".",)

    @property
    def next(self) -> str:
        step = next_of(self.live)
        still = step is not None and next_of(self.current) == step
        return _NEXT.get(step, "") if step and still else ""

    @property
    def then_verify(self) -> str:
        return ", then verify again" if self._allows(VERIFY.call) else ""

    @property
    def verify_first(self) -> str:
        return "Verify again before switching. " if self._allows(VERIFY.call) else ""

    @property
    def cut_over_again(self) -> str:
        again = " Next: fix the application, then cut over again."
        return again if self._allows(CUT_OVER.call) else ""

    @property
    def taken_meanwhile(self) -> str:
        """What the bot takes although a verification runs. Whether PlanetScale does is not known."""
        taken = [of_call(call).name.value for call in _MEANWHILE if self._allows(call)]
        refusal = "PlanetScale may refuse that while it runs."
        return f"You can still ask for {names(taken)}; {refusal}" if taken else ""

    def _allows(self, call: WorkflowCall) -> bool:
        """Whether it may be asked for now. What happened may be long ago."""
        return self.current.watch.observed is not None and allowed(self.current).call(call)

    @property
    def reverse(self) -> Parts:
        """The way back, if there still is one."""
        if way_back(self.current) is not REVERSE:
            return ()
        return self.live.fill("Way back: `/workflow reverse-traffic {place}`")

    @property
    def restore(self) -> Parts:
        """How the routing rules come back, if they still can."""
        if way_back(self.current) is not RESTORE:
            return ()
        return self.live.fill("Way back for the routing rules only: `/workflow reverse-cutover {place}`")

    @property
    def connect(self) -> str:
        return _CONNECT[self.live.kind]

    @property
    def was(self) -> Parts:
        """`, was copying, about 41 %`"""
        parts = was(self.live)
        return (str(parts[0]).replace(" · ", ", "),) if parts else ()

    @property
    def share(self) -> str:
        part = share(self.live.workflow)
        return f", {part}" if part else ""

    @property
    def expected(self) -> Parts:
        """When it will be copied, by the estimate of then."""
        found = self.live.observed.estimate
        return (
            (": now about ", self.moment(self.happened.seen_at + found.left)) if found and found.left else ()
        )

    # what happened

    @property
    def who(self) -> str:
        return f" by {self.live.cut(self.happened.by)}" if self.happened.by else ""

    @property
    def by(self) -> Parts:
        """Whose request it was, if the view has it."""
        story = self.live.story
        return (" by ", *self.live.by) if story and story.operation.id == self.news.caused_by else ()

    @property
    def said(self) -> Parts:
        return self.live.it_said(self.happened.said or "")

    @property
    def advice(self) -> Parts:
        """What to do about the trouble, as the workflow is now."""
        return advice(self.current.within(self.live.room)) if self.current.watch.observed else ()

    @property
    def behind(self) -> str:
        moved = self.live.workflow.primaries_switched
        return "Replication stands still." if moved else "The copy falls behind."

    @property
    def still(self) -> str:
        return still(self.live)

    @property
    def waiting(self) -> str:
        return waiting(self.live)

    @property
    def cancel(self) -> str:
        return may_cancel(self.live)

    @property
    def moves_back(self) -> str:
        return moves_back(self.live)

    @property
    def on(self) -> str:
        """` (stream -80)`, or the table whose indexes are built."""
        subject = self.happened.subject
        if not subject:
            return ""
        what = "" if self.happened.what is Happening.INDEXING_LONG else "stream "
        return f" ({what}{self.live.cut(subject)})"

    @property
    def stream(self) -> str:
        return f"Stream {self.live.cut(self.happened.subject)}" if self.happened.subject else "A stream"

    @property
    def was_so(self) -> str:
        return f"{was_so(self.happened)} for {self.lasted}"
