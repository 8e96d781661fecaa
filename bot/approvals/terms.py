"""The keys of the policy: what each may be, its built-in value, and how sections are laid over another."""

import re
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bot.commands.model import ActionName

CANCEL_BEFORE_SWITCH: Final = "cancel-before-switch"
"""`cancel` while no traffic is switched: the only brake for a copy that hurts. Unset, it follows `cancel`."""

ACTION_WORDS: Final = (*sorted(ActionName), CANCEL_BEFORE_SWITCH)
"""What `peer`, `confirm` and `reason` may name."""

_DURATION: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Gate(Enum):
    """Who has to agree before an operation may run."""

    NONE = "none"
    CONFIRM = "confirm"
    """The requester, in a second press."""
    PEER = "peer"
    """Others than the requester."""


def _known(word: str) -> str:
    if word not in ACTION_WORDS:
        msg = "not an action"
        raise ValueError(msg)
    return word


def _duration(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    def read(value: object) -> timedelta:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        length = timedelta(seconds=float(found[1]) * _UNITS[found[2]]) if found else None
        if length is None or not least <= length <= most:
            msg = "not a duration in range"
            raise ValueError(msg)
        return length

    return read


def listed(value: object) -> object:
    """A TOML list as the tuple that a frozen model holds; anything else is left for the type check."""
    return tuple(value) if isinstance(value, list) else value


def _id(kinds: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^[{kinds}][A-Z0-9]{{2,20}}$")


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
DatabaseNames = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")], ...],
    BeforeValidator(listed),
]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")]
"""The name of an environment variable. PlanetScale's tokens have small letters, so none passes for a name."""

ActionWords = Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], BeforeValidator(listed)]
PeopleIds = Annotated[tuple[Annotated[str, _id("UWS")], ...], BeforeValidator(listed)]
Expiry = Annotated[timedelta, BeforeValidator(_duration(timedelta(seconds=1), timedelta(days=7)))]
Soak = Annotated[timedelta, BeforeValidator(_duration(timedelta(0), timedelta(days=30)))]
Keep = Annotated[timedelta, BeforeValidator(_duration(timedelta(days=30), timedelta(days=3650)))]


class RecordsSection(BaseModel):
    """What `[records]` may set. The defaults are the built-in policy."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    keep: Keep = timedelta(days=400)
    """How long it is kept how a request was carried out, after it ended. The record itself stays."""


class Section(BaseModel):
    """What `[approvals]` may set. The defaults are the built-in policy."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    peer: ActionWords = ("switch-traffic", "cutover", "complete", "cancel")
    confirm: ActionWords = ("reverse-traffic", "reverse-cutover", "retry")
    required: int = Field(1, ge=1, le=20)
    expires_after: Expiry = timedelta(minutes=30)
    approvers: PeopleIds = ()
    requesters: PeopleIds = ()
    soak: Soak = timedelta(hours=1)
    notify: PeopleIds | None = None
    """Who is called; `None`: the named approvers."""
    direct: bool = False
    """Each named approver gets the waiting card as a direct message."""
    reason: ActionWords = ()
    """What is asked for only with a reason. What is forced always needs one."""
    deny_reason: bool = False
    """Whether a Deny counts only with a reason."""

    @property
    def called(self) -> tuple[str, ...]:
        """Whom a waiting card, an error, and a change outside the bot call, in the order of the file."""
        return tuple(dict.fromkeys(self.approvers if self.notify is None else self.notify))


class Terms(Section):
    """All that holds for one database."""

    channel: Annotated[str, _id("CG")] | None = None
    allow_shared_channels: bool = False
    hide_errors: bool = False

    def names(self, word: str) -> Gate:
        """The gate that the lists give to `word`. Named in both (where sections overlap), `peer` counts."""
        if word in self.peer:
            return Gate.PEER
        return Gate.CONFIRM if word in self.confirm else Gate.NONE

    def asks_why(self, action: ActionName, *, switched: bool) -> bool:
        """Whether `action` needs a reason; `switched`: any traffic is on the target."""
        brake = action is ActionName.CANCEL and not switched and CANCEL_BEFORE_SWITCH in self.reason
        return brake or action in self.reason

    def under(self, *sections: Section) -> "Terms":
        """These terms with the keys that each section states laid over them, in order: the last one wins."""
        update: dict[str, Any] = {}
        for section in sections:
            stated = section.model_fields_set & Terms.model_fields.keys()
            update |= {key: getattr(section, key) for key in stated}
        return self.model_copy(update=update)


class DatabaseSection(Terms):
    """What a `[[database]]` may set, and the databases it is for."""

    match: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.*?\[\]!-]{1,128}$")]
    """A glob over the database's name, as `fnmatch.fnmatchcase` reads it."""
    organization: Name | None = None
    """The only organization that the section is for; `None`: every one."""


class OrganizationSection(Terms):
    """What an `[[organization]]` may set: its databases' rules, and how the bot gets at them."""

    name: Name
    token_id: Variable | None = None
    """Where the id of its service token is; `None` only for the organization that the settings name."""
    token: Variable | None = None
    databases: DatabaseNames = ()
    """Those in which workflows are found and watched by themselves."""
