"""The policy file: TOML in, sections out."""

import tomllib
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.approvals.explain import explain
from bot.approvals.terms import DatabaseSection, OrganizationSection, RecordsSection, Section, listed


class PolicyError(Exception):
    """The policy cannot be used: a line for each problem, with the key, what is wrong and a right example."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class PolicyFile(BaseModel):
    """What a file states."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    approvals: Section = Section()
    records: RecordsSection = RecordsSection()
    organization: Annotated[tuple[OrganizationSection, ...], BeforeValidator(listed)] = ()
    database: Annotated[tuple[DatabaseSection, ...], BeforeValidator(listed)] = ()


def read_policy_file(text: str) -> PolicyFile:
    """What the file states. Raises `PolicyError`."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        what = " ".join(str(error).split())
        line = f"the policy file: is not TOML: {what}. Right: [approvals] on a line, required = 1 on the next"
        raise PolicyError([line]) from None
    try:
        return PolicyFile.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        lines = dict.fromkeys(explain(part["type"], part["loc"], part["input"], data) for part in found)
        raise PolicyError(list(lines)) from None
