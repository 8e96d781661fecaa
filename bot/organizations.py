"""The organizations that the bot works for: the policy names them, the environment holds their tokens."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from bot.approvals.policy import Policy

_TOKEN_ID: Final = re.compile(r"[\x21-\x39\x3b-\x7e]+")
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization, with its service token and the databases in which workflows are found."""

    name: str
    token_id: SecretStr
    token: SecretStr
    databases: tuple[str, ...] = ()


class TokensMissingError(Exception):
    """Variables that the policy names do not hold a token: a line for each. No value is in them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def all_organizations(
    policy: Policy, default: Organization, variable: Callable[[str], str | None]
) -> tuple[Organization, ...]:
    """`default` and those of the policy, in the policy's order. `variable` looks an environment variable up.

    Raises `TokensMissingError`.
    """
    if lines := list(_missing(policy, default.name, variable)):
        raise TokensMissingError(lines)
    found = {default.name: default}
    for section in policy.organizations:
        known = found.get(section.name) or Organization(
            section.name,
            SecretStr((variable(section.token_id or "") or "").strip()),
            SecretStr((variable(section.token or "") or "").strip()),
        )
        databases = tuple(dict.fromkeys((*known.databases, *section.databases)))
        found[section.name] = Organization(known.name, known.token_id, known.token, databases)
    return tuple(found.values())


def _missing(policy: Policy, default: str, variable: Callable[[str], str | None]) -> Iterator[str]:
    for section in policy.organizations:
        if section.name == default:
            continue
        wanted = (
            (section.token_id, _TOKEN_ID, "the id of its service token (no spaces, no colon)"),
            (section.token, _TOKEN, "its service token (no spaces)"),
        )
        for name, form, what in wanted:
            value = (variable(name or "") or "").strip()
            if not form.fullmatch(value):
                is_ = "is not usable" if value else "is missing"
                yield f'{name} {is_}: [[organization]] "{section.name}" says that it holds {what}.'
