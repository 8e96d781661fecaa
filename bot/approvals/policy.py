"""The policy: who has to agree to what, for which database, and until when. Pure: text comes in."""

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from bot.approvals.organization_sections import misnamed
from bot.approvals.people import NamedPeople
from bot.approvals.policy_file import PolicyError, PolicyFile, read_policy_file
from bot.approvals.soundness import problems, scopes, warnings
from bot.approvals.terms import (
    CANCEL_BEFORE_SWITCH,
    DatabaseSection,
    Gate,
    OrganizationSection,
    RecordsSection,
    Terms,
)
from bot.commands.model import ActionName

__all__ = ["Gate", "Policy", "PolicyError", "Rule", "load_policy"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What the policy says about one action on one database."""

    gate: Gate
    required: int
    """How many others have to approve; 0 unless the gate is `PEER`."""
    expires_after: timedelta
    """How long a request may wait."""
    approvers: NamedPeople
    requesters: NamedPeople
    soak: timedelta
    """A cutover sooner than this after the primaries' switch needs `--force`."""
    channel: str | None
    """Where cards go; `None`: where it was asked."""
    allow_shared_channels: bool
    """Whether a card may stand in a channel that other companies see."""
    hide_errors: bool
    """Whether PlanetScale's error texts, which may hold values of rows, are kept out of channels."""
    notify: tuple[str, ...]
    """Whom a waiting card calls: user and user-group ids."""
    direct: bool
    """Whether each named approver gets the waiting card as a direct message."""
    asks_why: bool = False
    """Whether it is asked for only with a reason. What is forced always needs one."""
    deny_reason: bool = False
    """Whether a Deny counts only with a reason."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy."""

    base: Terms
    organizations: tuple[OrganizationSection, ...] = ()
    databases: tuple[DatabaseSection, ...] = ()
    keep: timedelta = RecordsSection().keep
    """How long it is kept how a request was carried out, after it ended."""
    warnings: tuple[str, ...] = ()
    """A line for each thing that is allowed and that somebody should know at the start."""

    @property
    def named(self) -> NamedPeople:
        """Everybody and every group that any section names."""
        ids = ((*part.approvers, *part.requesters, *(part.notify or ())) for part in self._parts)
        return NamedPeople.of(one for part in ids for one in part)

    @property
    def channels(self) -> dict[str, bool]:
        """Every channel that any section names, and whether one of them lets other companies see it."""
        found: dict[str, bool] = {}
        for part in self._parts:
            if part.channel:
                found[part.channel] = found.get(part.channel, False) or part.allow_shared_channels
        return found

    @property
    def _parts(self) -> tuple[Terms, ...]:
        return (self.base, *self.organizations, *self.databases)

    def terms_of(self, organization: str) -> Terms:
        """What holds in `organization` for a database that no `[[database]]` is for."""
        return self.base.under(*(part for part in self.organizations if part.name == organization))

    def terms_for(self, organization: str, database: str) -> Terms:
        """What holds for one database: of all sections that match, the last one wins key by key."""
        matching = (
            part
            for part in self.databases
            if part.organization in {None, organization} and fnmatchcase(database, part.match)
        )
        return self.terms_of(organization).under(*matching)

    def rule_for(
        self,
        organization: str,
        database: str,
        action: ActionName,
        *,
        switched: bool,
        rows_copied: bool,
        copy_complete: bool,
    ) -> Rule:
        """The rule for `action` on `database`.

        `switched`: any traffic is on the target; `rows_copied`: any row has been copied; `copy_complete`:
        `data_copy_completed_at` is set. What is not reported counts as true: the stricter rule.
        """
        terms = self.terms_for(organization, database)
        if action is ActionName.RETRY:
            gate = _retry_gate(terms, rows_copied=rows_copied, copy_complete=copy_complete)
        elif action is ActionName.CANCEL and not switched:
            gate = terms.names(CANCEL_BEFORE_SWITCH)
            gate = terms.names(action) if gate is Gate.NONE else gate
        else:
            gate = terms.names(action)
        return Rule(
            gate=gate,
            required=terms.required if gate is Gate.PEER else 0,
            expires_after=terms.expires_after,
            approvers=NamedPeople.of(terms.approvers),
            requesters=NamedPeople.of(terms.requesters),
            asks_why=terms.asks_why(action, switched=switched),
            deny_reason=terms.deny_reason,
            soak=terms.soak,
            channel=terms.channel,
            allow_shared_channels=terms.allow_shared_channels,
            hide_errors=terms.hide_errors,
            notify=terms.called,
            direct=terms.direct,
        )


def load_policy(
    text: str | None, *, approval_ttl: timedelta | None = None, organization: str | None = None
) -> Policy:
    """The policy that `text` (TOML) states over the built-in one; `None` is the built-in one.

    `approval_ttl` replaces the built-in `expires_after`; a key in the file wins over it. `organization` is
    the one that the settings name, with its token. Raises `PolicyError`.
    """
    file = read_policy_file(text) if text is not None else PolicyFile()
    if wrong := misnamed(file.organization, file.database, organization):
        raise PolicyError(wrong)
    built_in = Terms() if approval_ttl is None else Terms().model_copy(update={"expires_after": approval_ttl})
    base = built_in.under(file.approvals)
    places = scopes(base, file.organization, file.database)
    if wrong := problems(places):
        raise PolicyError(wrong)
    warned = tuple(warnings(places, file.database))
    return Policy(base, file.organization, file.database, file.records.keep, warned)


def _retry_gate(terms: Terms, *, rows_copied: bool, copy_complete: bool) -> Gate:
    """A retry may start over, so it weighs as much as what would be copied again."""
    if copy_complete:
        return Gate.PEER
    gate = terms.names(ActionName.RETRY)
    return Gate.NONE if gate is Gate.CONFIRM and not rows_copied else gate
