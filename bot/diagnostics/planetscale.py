"""Whether PlanetScale takes the tokens, and shows what is to be watched."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.clients import planetscale_client
from bot.clock import SystemClock
from bot.diagnostics import token_accesses
from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem
from bot.organizations import Organization
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import DatabaseInfo
from bot.settings import Settings

_RENEW: Final = "Check PLANETSCALE_SERVICE_TOKEN_ID and PLANETSCALE_SERVICE_TOKEN."
_ADDRESS: Final = "Check PLANETSCALE_API_URL."
_CURES: Final[Mapping[FailureKind, str]] = {
    FailureKind.UNAUTHORIZED: f"PlanetScale does not accept the token. {_RENEW}",
    FailureKind.FORBIDDEN: "The token may not list the organization's databases. Check PLANETSCALE_ORG, and "
    "what PLANETSCALE_SERVICE_TOKEN may do.",
    FailureKind.NOT_FOUND: "There is no such organization that the token can see. Check PLANETSCALE_ORG.",
    FailureKind.UNREACHABLE: f"PlanetScale could not be reached. {_ADDRESS}",
    FailureKind.REDIRECTED: f"PlanetScale points to another address. {_ADDRESS}",
    FailureKind.NOT_UNDERSTOOD: f"What answered there is not PlanetScale's API. {_ADDRESS}",
}


async def tokens(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """Whether the token of every organization works."""
    settings = subject.settings
    return [finding for one in settings.organizations for finding in await _organization(settings, one)]


async def _organization(settings: Settings, organization: Organization) -> list[DiagnosticFinding]:
    client = planetscale_client(settings, organization, SystemClock())
    try:
        databases = await client.databases(organization.name)
        tried = await token_accesses.tried(client, organization.name, _to_try(organization, databases))
    except PlanetScaleError as error:
        return [_refusal(settings, organization, error)]
    finally:
        await client.aclose()
    seen = f"token is good for {organization.name} · sees {len(databases)} databases"
    lacks = [problem(sentence) for sentence in tried.lacking]
    return [good(f"{seen}{tried.readable}"), *lacks, *_unseen(organization, databases)]


def _to_try(organization: Organization, databases: Sequence[DatabaseInfo]) -> list[str]:
    """What is watched and there; else one, for the accesses of a token are the same kind for each."""
    names = [database.name for database in databases]
    return [name for name in organization.databases if name in names] or names[:1]


def _refusal(settings: Settings, organization: Organization, error: PlanetScaleError) -> DiagnosticFinding:
    own = organization.name == settings.planetscale_org
    cure = _CURES.get(error.kind) if own else None
    about = "" if own else f"organization {organization.name} of the policy file"
    return problem(cure or f"{error.what} {error.todo}", about=about)


def _unseen(organization: Organization, databases: Sequence[DatabaseInfo]) -> list[DiagnosticFinding]:
    names = sorted(set(organization.databases) - {database.name for database in databases})
    return [
        problem(f"the token sees no database {name} in {organization.name}, which is to be watched.")
        for name in names
    ]
