"""What `workflow-bot check` says of the people, user groups and channels that the policy names."""

from pathlib import Path

import pytest

from tests.slack.test_check import a_house, said

POLICY = """
[approvals]
approvers = ["U0BEN", "S0DBAS", "S0GONE", "U0DEE", "U0NOBODY"]
[[database]]
match = "shop"
requesters = ["U0ANA", "U0GIL"]
channel = "C0DBMOVES"
[[database]]
match = "crm"
channel = "C0NOWHERE"
[[database]]
match = "old"
channel = "C0OLD"
[[database]]
match = "partner"
channel = "C0SHARED"
notify = ["S0DEAD", "U0CHIOMA"]
"""
MEND = "Mend the policy file."
PROBLEMS = {
    "C0NOWHERE": "Slack does not show this channel to the bot (channel_not_found). Invite it there.",
    "C0OLD": "this channel is archived. Name another in the policy file, or in WORKFLOW_BOT_CHANNEL.",
    "C0SHARED": "people of other companies see this channel, so nothing is posted there. Name another, "
    "or set allow_shared_channels.",
    "S0GONE": "the user group cannot be read: Slack knows no such group (any more) (no_such_subteam). "
    f"Only who is in it notices. {MEND}",
    "S0DEAD": "the user group cannot be read: Slack knows no such group (any more) (no_such_subteam). "
    f"Only who is in it notices. {MEND}",
    "U0DEE": f"Dee is no full member here (deactivated). {MEND}",
    "U0GIL": f"Gil is no full member here (guest). {MEND}",
    "U0NOBODY": f"they are no full member here (from another workspace). {MEND}",
}
WELL = {
    "U0ANA": "Ana, a full member",
    "U0BEN": "Ben, a full member",
    "U0CHIOMA": "Chioma, a full member",
    "S0DBAS": "a user group of 2",
    "C0DBMOVES": "the channel #db-moves",
}


async def lines_of(tmp_path: Path, policy: str) -> tuple[int, list[str]]:
    file = tmp_path / "policy.toml"
    file.write_text(policy, encoding="utf-8")
    async with a_house({"WORKFLOW_BOT_POLICY": str(file)}) as (house, settings):
        return await said(house, settings)


async def test_each_of_them_is_tried(tmp_path: Path) -> None:
    """Everybody and everything that the policy names has a line that says what is so, or what to mend."""
    code, lines = await lines_of(tmp_path, POLICY)
    assert code == 1
    for name, told in {**PROBLEMS, **WELL}.items():
        assert f"Policy, {name}: {told}" in lines


@pytest.mark.parametrize(
    "policy", ["[approvals]\nrequired = 1\n", '[approvals]\napprovers = ["U0BEN", "U0ANA"]\n']
)
async def test_a_policy_that_is_right_breaks_nothing(tmp_path: Path, policy: str) -> None:
    """Where all of them are there, the check succeeds."""
    code, lines = await lines_of(tmp_path, policy)
    assert code == 0, lines
