"""What a create form holds while somebody fills it in, and where it was asked for."""

import hashlib
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.commands import names, reason
from bot.commands.model import CreateWorkflow, OnDdl
from bot.commands.names import Thing

LONGEST_METADATA: Final = 3_000
"""Slack's limit for a view's `private_metadata`."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Draft(_Kept):
    """The fields as they stand now; empty where nothing was chosen. Nothing in it has been checked."""

    name: str = ""
    source: str = ""
    tables: tuple[str, ...] = ()
    every: str = ""
    """Which "all tables" were asked for (`token_of` them); empty if they were not."""
    target: str = ""
    shared: str = ""
    """The global keyspace."""
    defer: bool = True
    on_ddl: OnDdl = OnDdl.STOP
    reason: str = ""


class FormOrigin(_Kept):
    """Where a form was asked for, and what it is about: its view's `private_metadata`, which nobody reads."""

    channel: str
    reply_to: str = ""
    """Slack's address for private answers."""
    organization: str = ""
    """Named where there are several; empty: the default one. It stays as long as the form does."""
    database: str = ""
    branch: str = ""
    draft: Draft = Draft()
    """What is filled in, for as long as the view has no fields that hold it."""

    @property
    def place(self) -> str:
        """What it is about, for people: `shop/main`, after the organization if that is named."""
        return "/".join(filter(None, (self.organization, self.database, self.branch)))

    def metadata(self) -> str:
        """As text within Slack's limit. Where it would not fit, tables go first; the view holds them too."""
        without_tables = self.model_copy(update={"draft": self.draft.model_copy(update={"tables": ()})})
        bare = FormOrigin(
            channel=self.channel, organization=self.organization, database=self.database, branch=self.branch
        )
        texts = [one.model_dump_json(exclude_defaults=True) for one in (self, without_tables, bare)]
        return next((text for text in texts if len(text) <= LONGEST_METADATA), "")

    @classmethod
    def read(cls, metadata: object) -> Self | None:
        """The origin that a view carries; `None` for what this bot did not write."""
        try:
            found = cls.model_validate_json(metadata) if isinstance(metadata, str) else None
        except ValidationError:
            return None
        return found if found and found._is_a_place() else None

    def _is_a_place(self) -> bool:
        named = ((Thing.DATABASE, self.database), (Thing.BRANCH, self.branch))
        return all(names.fits(thing, name) for thing, name in named if name)

    def holding(self, draft: Draft) -> Self:
        """The same with other fields filled in."""
        return self.model_copy(update={"draft": draft})

    def at(self, database: str, branch: str = "") -> Self:
        """The same about another place."""
        return self.model_copy(update={"database": database, "branch": branch})


def draft_of(command: CreateWorkflow) -> Draft:
    """What was typed already."""
    return Draft(
        name=command.name or "",
        source=command.source_keyspace or "",
        tables=command.tables,
        target=command.target_keyspace or "",
        shared=command.global_keyspace or "",
        defer=command.defer_secondary_keys,
        on_ddl=command.on_ddl,
        reason=command.reason or "",
    )


def command_of(origin: FormOrigin, draft: Draft) -> CreateWorkflow:
    """The command that says the same as a filled form."""
    return CreateWorkflow(
        organization=origin.organization or None,
        database=origin.database,
        branch=origin.branch,
        name=draft.name,
        source_keyspace=draft.source,
        target_keyspace=draft.target,
        tables=draft.tables,
        global_keyspace=draft.shared or None,
        defer_secondary_keys=draft.defer,
        on_ddl=draft.on_ddl,
        reason=reason.worded(draft.reason) or None,
    )


def token_of(tables: tuple[str, ...]) -> str:
    """A short text that changes whenever "all tables" means other tables."""
    digest = hashlib.sha256("\0".join(sorted(tables)).encode(errors="replace")).hexdigest()
    return f"{len(tables)}-{digest[:16]}"
