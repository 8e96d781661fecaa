from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.slack.directory import Home, MemberStanding, standing, zone_of

HOME = Home("T0ACME", "E0ACME", "U0BOT")
WHOLE = {"is_restricted": False, "is_ultra_restricted": False}
MEMBER = {"id": "U1", "team_id": "T0ACME"} | WHOLE


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (MEMBER, MemberStanding.MEMBER),
        (MEMBER | {"deleted": True}, MemberStanding.DEACTIVATED),
        (MEMBER | {"is_bot": True}, MemberStanding.BOT),
        (MEMBER | {"is_workflow_bot": True}, MemberStanding.BOT),
        ({"id": "USLACKBOT", "team_id": "T0ACME"}, MemberStanding.BOT),
        (MEMBER | {"is_restricted": True}, MemberStanding.GUEST),
        ({"id": "U1", "team_id": "T0ACME"}, MemberStanding.GUEST),
        (MEMBER | {"is_ultra_restricted": True}, MemberStanding.GUEST),
        (MEMBER | {"is_stranger": True}, MemberStanding.FOREIGN),
        ({"id": "U1", "team_id": "T0OTHER"}, MemberStanding.FOREIGN),
        ({"id": "U1"}, MemberStanding.FOREIGN),
        ({"id": "U1", "team_id": "E0ACME"}, MemberStanding.FOREIGN),
        (
            {
                "id": "U1",
                "team_id": "E0ACME",
                "enterprise_user": {"enterprise_id": "E0ACME", "teams": ["T0ACME"]},
                **WHOLE,
            },
            MemberStanding.MEMBER,
        ),
        (
            {"id": "U1", "team_id": "T2", "enterprise_user": {"enterprise_id": "E0ACME", "teams": ["T2"]}},
            MemberStanding.FOREIGN,
        ),
        ({"id": "U1", "team_id": "T2", "enterprise_user": "x"}, MemberStanding.FOREIGN),
    ],
)
def test_only_full_members_are_members(user: dict[str, Any], expected: MemberStanding) -> None:
    """Whatever Slack does not state counts against the person."""
    assert standing(user, HOME) is expected


@pytest.mark.parametrize(
    ("team", "enterprise", "own"),
    [
        ("T0ACME", None, True),
        ("T0OTHER", None, False),
        ("E0ACME", None, True),
        ("T0OTHER", "E0ACME", True),
        (None, None, False),
        ("", None, False),
    ],
)
def test_payloads_of_other_workspaces_are_told_apart(
    team: str | None, enterprise: str | None, own: bool
) -> None:
    """The team id decides, or on Enterprise Grid the organization's id; a missing id is foreign."""
    assert HOME.sent(team, enterprise) is own


def test_without_an_organization_a_missing_id_is_foreign() -> None:
    """A workspace of its own never matches by two missing ids."""
    assert not Home("T0ACME", None, "U0BOT").sent(None, None)


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"tz": "Europe/Vienna"}, "Europe/Vienna"),
        ({"tz": "../../etc/passwd", "tz_offset": 3600}, "UTC+01:00"),
        ({"tz": "Nowhere/Land"}, "UTC"),
        ({"tz_offset": 10**9}, "UTC"),
        ({"tz": None, "tz_offset": "x"}, "UTC"),
        ({}, "UTC"),
    ],
)
def test_a_strange_time_zone_is_utc(user: dict[str, Any], name: str) -> None:
    """Times are shown in the reader's zone where Slack gives a usable one."""
    zone = zone_of(user)
    assert (zone.key if isinstance(zone, ZoneInfo) else str(zone)) == name
