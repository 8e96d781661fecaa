"""What the sentences of an operation's card are filled with: `{field}` is a property of `View`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.approvals.terms import Gate
from bot.operations.model import ENDED, State, Story
from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.rich import At, Line, Part, PersonMention, Span, code
from bot.slack.cards.blocks.templates import Parts, TemplateFields
from bot.slack.cards.blocks.words import duration
from bot.slack.cards.operation.subject import Subject
from bot.slack.cards.workflow.headline import headline
from bot.subjects.findings import DIFFERS, Finding, Level
from bot.workflows.actions.model import Touches
from bot.workflows.facts.deletion import deleted_at
from bot.workflows.facts.moments import parts_of
from bot.workflows.facts.traffic import is_as_then, traffic
from bot.workflows.own import observed_of

__all__ = ["NEAR", "Parts", "View", "joined", "moment_near", "people_behind", "quoted"]

TIME_ONLY = "{time}"
NEAR = timedelta(hours=12)
"""Times as far as this from the request stand without a date."""
_ENDED_AS = {State.BROKE_OFF: ", which broke off", State.NEEDS_PERSON: ", outcome not known"}
_LEFT_AS_READ = ENDED - {State.NOT_SEEN}
"""Ends that say how things are. What was not seen to happen is looked for: that is told by itself."""
_TENSES = {
    "now": {"[serves]": "serves", "[are]": "are"},
    "since": {"[serves]": "has served", "[are]": "have been"},
    "then": {"[serves]": "served", "[are]": "were"},
}


class View(TemplateFields, Subject):
    """One operation at one moment, as sentences need it."""

    __slots__ = ()

    def sentence(self, text: str) -> Parts:
        """A sentence that was kept: its moments in the reader's time, words between backticks as code."""
        return quoted(self.cut_sentence(text), self.operation.asked_at)

    def lines(self, templates: Iterable[str]) -> list[Line]:
        """Filled in; a line of which nothing is left is not shown."""
        return [Line(parts) for parts in map(self.fill, templates) if any(parts)]

    def clipped(self, clip: int) -> "View":
        """The same with shorter names."""
        return replace(self, clip=clip)

    # people

    def mention(self, user: str) -> PersonMention:
        """Somebody, so that they are notified if the message is new."""
        return PersonMention(user, self.known.get(user))

    def called(self, user: str) -> Part:
        """Somebody by name; a mention only where no name is known."""
        return self.cut(self.known[user]) if user in self.known else PersonMention(user)

    def called_all(self, users: list[str]) -> Parts:
        """`Ben`, `Ben and Chioma`, `Ben, Chioma and 3 more`."""
        if len(users) > 3:
            return (self.called(users[0]), ", ", self.called(users[1]), f" and {len(users) - 2} more")
        return joined([(self.called(user),) for user in users], " and ")

    @property
    def who(self) -> Part:
        return self.called(self.operation.requester)

    @property
    def at_who(self) -> Part:
        return self.mention(self.operation.requester)

    @property
    def approvers_by_name(self) -> Parts:
        return self.called_all([one.user for one in self.story.approved_by])

    # moments

    def at(self, moment: datetime | None, otherwise: str = "a time that is not known") -> Part:
        """A moment; with its date if it is not near the request."""
        return otherwise if moment is None else moment_near(moment, self.operation.asked_at)

    def when(self, moment: datetime | None) -> Parts:
        """` at 02:14`, ` yesterday 02:14`; nothing where it is not known."""
        if moment is None:
            return ()
        told = moment_near(moment, self.operation.asked_at)
        return (" at " if told.format == TIME_ONLY else " ", told)

    def at_second(self, moment: datetime | None, otherwise: str = "a time that is not known") -> Part:
        """A moment, to the second."""
        if moment is None:
            return otherwise
        near = abs(moment - self.operation.asked_at) < NEAR
        return At(moment, "{time_secs}" if near else "{date_short_pretty} {time_secs}")

    @property
    def took(self) -> str:
        """` in 14 s`, from the request to the proof of its end, or nothing."""
        begun, done = self.operation.sent_at, self.operation.ended_at
        return f" in {duration(done - begun)}" if begun and done and done >= begun else ""

    @property
    def asked_at(self) -> Part:
        return self.at(self.operation.asked_at)

    @property
    def expires(self) -> Part:
        return self.at(self.operation.expires_at, "never")

    @property
    def sent(self) -> Part:
        return self.at_second(self.operation.sent_at)

    @property
    def accepted(self) -> Part:
        return self.at_second(self.operation.outcome.accepted_at or self.operation.sent_at)

    @property
    def ended(self) -> Part:
        return self.at(self.operation.ended_at)

    @property
    def ended_second(self) -> Part:
        return self.at_second(self.operation.ended_at)

    @property
    def read_at(self) -> Part:
        return self.at_second(self.operation.outcome.read_at)

    @property
    def known_at(self) -> Part:
        return self.at_second(self.operation.outcome.known_at or self.operation.ended_at)

    @property
    def backup(self) -> Part:
        moment = self.operation.last_backup_at
        return At(moment) if moment else "not known"

    @property
    def since(self) -> Part:
        """Since when it is so: PlanetScale's time of it, else that of the read that proved it."""
        latest, field = self.read_back, self.action.traces.at
        field = field if self.action.moves_traffic else None
        moved = getattr(latest, field) if latest and field else None
        return self.at(moved or self.operation.ended_at)

    @property
    def cut_over_second(self) -> Part:
        """When it was read to be so: PlanetScale's own time may be that of the start."""
        return self.at_second(self.operation.ended_at)

    # phrases

    @property
    def last_read(self) -> Parts:
        if self.read_back is None:
            return ("Not read since.",)
        return ("Last read ", self.read_at, ": ", code(self.state), ".")

    @property
    def alone(self) -> Parts:
        return (", without a second person",) if self.story.way_back_alone else ()

    @property
    def differs(self) -> bool:
        """Whether rows were found to differ, and it was forced all the same."""
        report = self.operation.report
        return report is not None and any(one.code == DIFFERS for one in report.warnings)

    @property
    def forced_over(self) -> tuple[Finding, ...]:
        """The warnings that it goes on in spite of."""
        if not self.operation.force:
            return ()
        return tuple(one for one in self.operation.warnings if one.level is Level.WARN_FORCE)

    @property
    def is_overtaken(self) -> bool:
        """Whether the workflow has changed since this ended: then what was seen at its end is past."""
        return self.story.overtaken_by is not None or self.changed_since is not None

    @property
    def changed_since(self) -> Workflow | None:
        """The workflow as read later, where it is not as this left it, whoever changed it."""
        operation, followed, then = self.operation, observed_of(self.story.followed), self.latest
        at = operation.outcome.read_at or operation.checked_at
        if followed is None or then is None or at is None or operation.state not in _LEFT_AS_READ:
            return None
        is_about = operation.workflow_id == followed.workflow.id and not followed.unsure
        if not is_about or followed.read_at <= at or (self.action.only_starts and operation.sent_at):
            return None
        return None if is_as_then(then, followed.workflow) else followed.workflow

    @property
    def since_then(self) -> Parts:
        """`cut over`, `cut over, outcome not known`, `error · Writes: not certain`: what overtook it."""
        later, now = self.story.overtaken_by, self.changed_since
        if later is None and now is not None:
            serves = traffic(now)
            writes = "not certain" if serves.doubt else self.cut(serves.writes or "not reported")
            stands = headline(now, self.now, brief=True)
            return (f"{stands[:1].lower()}{stands[1:]} · Writes: {writes}",)
        if later is None:
            return ()
        verb = Subject(Story(operation=later, kind=later.kind), self.now, {}).title
        return (f"{verb[:1].lower()}{verb[1:]}", _ENDED_AS.get(later.state, ""))

    @property
    def briefly(self) -> str:
        """`switch primaries, shop #3`"""
        return self.plain(self.action.before.briefly)

    # what is true once it is done

    @property
    def fact(self) -> Parts:
        """`customer serves writes`; `served`, if that is overtaken."""
        return self._fact("now")

    @property
    def fact_since(self) -> Parts:
        """What became so, and when: by PlanetScale's time, else by that of the read that proved it."""
        return (*self._fact("since"), " from " if self.is_overtaken else " since ", self.since)

    def _fact(self, tense: str) -> Parts:
        text = self.action.after.fact
        for bracket, verb in _TENSES["then" if self.is_overtaken else tense].items():
            text = text.replace(bracket, verb)
        return self.fill(text)

    # where it did not go as asked

    @property
    def asked(self) -> Parts:
        """That PlanetScale took it, or else when it was asked."""
        taken = self.operation.outcome.accepted_at
        return self.fill("PlanetScale accepted at {accepted}" if taken else "asked at {sent}")

    @property
    def so_far(self) -> Parts:
        """That PlanetScale took it, before what became of it."""
        taken = self.operation.outcome.accepted_at
        return self.fill("PlanetScale accepted at {accepted}; ") if taken else ()

    @property
    def waiting(self) -> str:
        return " Writes may be waiting." if self.action.touches is Touches.WRITES else ""

    @property
    def check_it(self) -> str:
        return "" if self.action.touches is Touches.NOTHING else " Check the application."

    @property
    def check_or_read_on(self) -> str:
        return "Reading on." if self.action.touches is Touches.NOTHING else "Check the application now."

    @property
    def replicas_moved(self) -> Parts:
        return self._since("switch_replicas_at", " Replica reads moved ", ".")

    @property
    def cut_over(self) -> Parts:
        return (" (", At(self.deleted_at), ")") if self.deleted_at else (" at the cutover",)

    @property
    def cut_over_at(self) -> Parts:
        return (", ", At(self.deleted_at)) if self.deleted_at else ()

    @property
    def deleted_at(self) -> datetime | None:
        """When the tables left the source."""
        workflow = self.seen or self.latest
        return deleted_at(workflow, self.story.deleted_at) if workflow else None

    @property
    def since_switch(self) -> Parts:
        return self._since("switch_primaries_at", " since ")

    def _since(self, field: str, before: str, after: str = "") -> Parts:
        """A moment of the workflow in a sentence; nothing where PlanetScale does not report it."""
        moment = getattr(self.seen, field) if self.seen else None
        return (before, At(moment), after) if moment else ()


def joined(items: list[Parts], last: str) -> Parts:
    """`a`, `a and b`, `a, b and c`."""
    parts: list[Part] = []
    for index, item in enumerate(items):
        if index:
            parts.append(last if index == len(items) - 1 else ", ")
        parts += item
    return tuple(parts)


def moment_near(moment: datetime, other: datetime) -> At:
    """A moment; with its date if it is not near the other one."""
    return At(moment, TIME_ONLY) if abs(moment - other) < NEAR else At(moment)


def quoted(sentence: str, asked_at: datetime) -> Parts:
    """A sentence of a check, read beside a request of `asked_at`.

    PlanetScale's words stand in it between backticks; what looks like a moment among them stays text.
    """
    parts: list[Part] = []
    for index, text in enumerate(sentence.split("`")):
        if index % 2:
            parts += [Span(text, code=True)] if text else []
        else:
            parts += filter(None, _with_moments(text, asked_at))
    return tuple(parts)


def _with_moments(text: str, asked_at: datetime) -> Iterator[Part]:
    """`at 02:14`, but `yesterday 02:14`: a day takes no "at"."""
    before = ""
    for one in parts_of(text):
        if isinstance(one, str):
            before = one
            continue
        moment = moment_near(one, asked_at)
        dated = moment.format != TIME_ONLY
        yield before.removesuffix("at ") if dated and before.endswith(" at ") else before
        yield moment
        before = ""
    yield before


def people_behind(view: View) -> Parts:
    """`Ana, approved by Ben`: who asked for it and, where others had to agree, who did."""
    approved = view.approvers_by_name if view.operation.gate is Gate.PEER else ()
    return (view.who, *((", approved by ", *approved) if approved else ()))
