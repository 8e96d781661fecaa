"""Whether the organizations of a policy file are named so that each has its token and its sections."""

from collections.abc import Iterator, Sequence

from bot.approvals.terms import DatabaseSection, OrganizationSection


def misnamed(
    organizations: Sequence[OrganizationSection], databases: Sequence[DatabaseSection], default: str | None
) -> list[str]:
    """A line for each section that names no organization, or one without its token.

    `default`: the organization that the settings name; its token is a setting, too.
    """
    return [*_organizations(organizations, default), *_databases(organizations, databases, default)]


def _organizations(sections: Sequence[OrganizationSection], default: str | None) -> Iterator[str]:
    seen: set[str] = set()
    for section in sections:
        called = called_organization(section.name)
        if section.name in seen:
            yield f'{called} name: stands there twice; make one section of both. Right: name = "acme-us"'
        seen.add(section.name)
        for key, variable in (("token_id", section.token_id), ("token", section.token)):
            if section.name == default and variable:
                yield (
                    f"{called} {key}: is a setting for this organization, because PLANETSCALE_ORG names it; "
                    f'take it out. Right: name = "{section.name}"'
                )
            elif section.name != default and not variable:
                yield f'{called} {key}: is missing. Right: {key} = "{_variable(section.name, key)}"'


def _databases(
    organizations: Sequence[OrganizationSection], databases: Sequence[DatabaseSection], default: str | None
) -> Iterator[str]:
    known = list(dict.fromkeys([*([default] if default else []), *(one.name for one in organizations)]))
    for section in databases:
        if section.organization is not None and section.organization not in known:
            called = f'[[database]] "{section.match}" organization: "{section.organization}"'
            there = f"there are {', '.join(known)}" if known else "there is no [[organization]]"
            yield (
                f"{called} is none of this bot's; {there}. "
                f'Right: organization = "{known[-1] if known else "acme-eu"}"'
            )


def called_organization(name: str) -> str:
    """How an organization's section is named in a line."""
    return f'[[organization]] "{name}"'


def _variable(name: str, key: str) -> str:
    return f"{name}_{key}".upper().replace("-", "_")
