"""What in the sentences of a card takes more than a field: who serves what, how it was, what is next.

Each property stands for `{its_name}` in the words of an action (`bot.workflows.actions.words`).
"""

from bot.approvals.terms import Gate
from bot.operations.model import ENDED
from bot.slack.cards.blocks.rich import Line, Part, code, one_line, shorten
from bot.slack.cards.blocks.words import count, duration, first_line, names
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.reason import said_by_a_person
from bot.slack.cards.operation.serving import serving, writes, writes_now
from bot.slack.cards.operation.view import Parts, View
from bot.slack.cards.watch.over import over
from bot.workflows.actions.create import ON_DDL
from bot.workflows.facts.progress import copy_of, copy_time
from bot.workflows.facts.schema_changes import named_tables, schema_change
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import state_of
from bot.workflows.facts.traffic import flags, traffic
from bot.workflows.observing.closing import verification_over
from bot.workflows.own import observed_of
from bot.workflows.recovery import BROKEN, Step, recovery

_ASK_OR_SUPPORT = "Next: ask again, or PlanetScale support."


class Phrases(View):
    """One operation at one moment, with all that its words are filled with."""

    __slots__ = ()

    # people

    @property
    def people(self) -> Parts:
        return people(self)

    # who serves what

    @property
    def serving(self) -> Parts:
        return serving(self, self.read_back)

    @property
    def serving_in_doubt(self) -> Parts:
        """Who serves what, where it is not certain; else the card says it in small letters."""
        certain = self.read_back is not None and not traffic(self.read_back).doubt
        return () if certain else self.serving

    @property
    def serving_reported(self) -> Parts:
        return serving(self, self.read_back, ", as PlanetScale reports it")

    @property
    def serving_sentence(self) -> Parts:
        found = self.serving
        return found if Line(found).plain.endswith(".") else (*found, ".")

    @property
    def as_before(self) -> Parts:
        return serving(self, self.seen, ", as before")

    @property
    def writes_now(self) -> str:
        return writes_now(self)

    @property
    def writes_read(self) -> str:
        return writes(self, self.read_back)

    @property
    def writes_seen(self) -> str:
        return writes(self, self.seen)

    @property
    def reported_flags(self) -> str:
        latest = self.read_back
        return flags(latest) if latest else "nothing"

    # a create

    @property
    def ddl(self) -> Parts:
        return self.fill(ON_DDL.get(str(self.operation.arguments.get("on_ddl", "STOP")), ""))

    # a copy

    @property
    def copy_goes_on(self) -> str:
        state = state_of(self.seen.state) if self.seen else None
        if state in {WorkflowState.COPYING, WorkflowState.PENDING}:
            return f"The copy goes on: {self.share}."
        return f"The copies stay in {self.target}."

    @property
    def starting_over(self) -> Parts:
        copy = copy_of(self.seen) if self.seen else None
        if copy is not None and copy.copied is not None and copy.copied <= 0:
            return ()
        rows = "an unknown number of rows" if self.rows == "not reported" else f"about {self.rows}"
        took = f" ({self.copying} of copying)" if self.copying else ""
        return (f"Starting over repeats {rows}{took} and its load on {self.source}.",)

    @property
    def stopped_with(self) -> Parts:
        said = first_line((self.seen.workflow_errors if self.seen else None) or "")
        if said and self.operation.hide_errors and not self.private:
            return ("It stopped with an error; the policy keeps its words out of channels.",)
        return ("It stopped with: ", code(said.replace("`", "'"))) if said else ()

    @property
    def compare_first(self) -> Parts:
        if not (self.seen and schema_change(self.seen)):
            return ()
        tables = names([self.cut(name) for name in named_tables(self.seen)]) or "the moved tables"
        compare = f"Compare the schema of {tables} in {self.source} and {self.target} first: "
        return (f"{compare}a retry goes on after the change.",)

    @property
    def copied_again(self) -> Parts:
        before = copy_of(self.seen) if self.seen else None
        after = copy_of(self.read_back) if self.read_back else None
        was, now = before.copied if before else None, after.copied if after else None
        if was is None or now is None:
            return ("Whether it continues or starts over is not known yet.",)
        if now >= was:
            return self.fill("Continued at {share}.")
        return (f"Started over at {self.share.removeprefix('about ')}; {count(was)} rows are copied again.",)

    @property
    def whole_move(self) -> Parts:
        latest = self.latest
        parts: list[Part] = []
        begun, done = (latest.created_at, self.operation.ended_at) if latest else (None, None)
        if begun and done and done > begun:
            parts.append(f"Whole move: {duration(done - begun)}")
            copying = copy_time(latest) if latest else None
            if copying:
                parts.append(f", of which copying {duration(copying)}")
        return tuple(parts)

    @property
    def deleted_when(self) -> Parts:
        """When the source tables were deleted, after how long the whole move took."""
        if not self.deleted_at:
            return ()
        return (
            " · " if self.whole_move else "",
            *self.fill("deleted from {source} "),
            self.at(self.deleted_at),
        )

    @property
    def how_it_ended(self) -> Parts:
        return how_it_ended(self)

    # where it did not go as asked

    @property
    def said(self) -> Parts:
        """PlanetScale's words, where there are any."""
        return it_said(self) if self.operation.outcome.said else ()

    @property
    def check(self) -> Parts:
        return self.fill(self.action.otherwise.check)

    @property
    def late(self) -> str:
        known = self.operation.outcome.late_effect_at
        return "" if known else "A late effect is possible and would be told here."

    @property
    def keep(self) -> str:
        """`Do not cancel: … `, where that would delete what is served."""
        latest = self.latest
        warning = recovery(latest, self.story.switch_tried_at).warning(self.target) if latest else ""
        return f"{warning} " if warning else ""

    @property
    def ask_or_support(self) -> Parts:
        return self.fill(_ASK_OR_SUPPORT if may_be_asked_again(self) else instead(self))


def how_it_ended(view: View) -> Parts:
    """How the verification that was started here ended, once that is known; then nothing is to come."""
    followed, sent_at = observed_of(view.story.followed), view.operation.sent_at
    if followed is None or sent_at is None or not view.action.starts_verification:
        return ()
    closing = verification_over(sent_at, followed)
    return over(closing, view.at(closing.at)) if closing else ()


def people(view: View) -> Parts:
    """`Asked by Ana · approved by Ben`; once it has ended, with why it was asked for."""
    operation = view.operation
    if operation.gate is Gate.CONFIRM:
        alone = f", without a second person{view.action.before.nobody_needed}"
        return ("By ", view.who, alone, *_why(view))
    by = view.approvers_by_name
    approved: Parts = (" · approved by ", *by) if operation.gate is Gate.PEER and by else ()
    return ("Asked by ", view.who, *approved, *_why(view))


def _why(view: View) -> Parts:
    """Once it has ended: until then it stands under the title."""
    told = view.operation.reason if view.operation.state in ENDED else None
    return (" · ", *said_by_a_person(told)) if told else ()


def it_said(view: View) -> Parts:
    """PlanetScale's own words, where this channel may read them."""
    said = first_line(view.operation.outcome.said or "")
    if not said:
        return ("It gave no reason.",)
    if view.operation.hide_errors:
        return ("What it said is kept out of channels.",)
    return ("It said: ", code(shorten(one_line(said), 300)))


def instead(view: View) -> str:
    """What to do where the same would be refused, as a template."""
    latest = view.latest
    if latest is None or state_of(latest.state) not in BROKEN:
        return "Next: `/workflow show {place}`"
    found = recovery(latest, view.story.switch_tried_at)
    if found.step is Step.RETRY:
        return "Next: find the cause, then `/workflow retry {place}`"
    advice = found.instead("`/workflow reverse-traffic {place}`")
    warning = found.warning("{target}")
    return " ".join(filter(None, (warning, advice)))
