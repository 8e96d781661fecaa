"""Who is who, as the Web API tells it."""

from dataclasses import replace

import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.slack.people import ANA, BEN, CHIOMA, DB_MOVES, DBAS, DEE, GIL, OLU, OTHER_BOT, SHARED
from tests.demo.slack.conftest import Stage


async def test_the_token_is_checked(stage: Stage) -> None:
    """A wrong or missing token is refused; the right one says who the bot is."""
    answer = await stage.client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0ACME", "U0WFBOT", "B0WFBOT")
    for token, error in [("xoxb-wrong", "invalid_auth"), (stage.slack.app_token, "not_allowed_token_type")]:
        stage.client.token = token
        with pytest.raises(SlackApiError, match=error):
            await stage.client.auth_test()


async def test_what_sets_people_apart(stage: Stage) -> None:
    """Full members, guests, other companies, bots and the deactivated differ in their fields."""
    users = {
        user: (await stage.client.users_info(user=user))["user"] for user in (ANA, GIL, OLU, DEE, OTHER_BOT)
    }
    assert users[ANA]["team_id"] == "T0ACME"
    assert not any(users[ANA][name] for name in ("is_restricted", "is_bot", "deleted"))
    assert users[GIL]["is_restricted"]
    assert users[OLU]["is_stranger"]
    assert users[OLU]["team_id"] == "T0OTHER"
    assert users[DEE]["deleted"]
    assert users[OTHER_BOT]["is_bot"]


async def test_zones(stage: Stage) -> None:
    """A person's offset is that of their zone on that day."""
    user = (await stage.client.users_info(user=BEN))["user"]
    assert (user["tz"], user["tz_offset"]) == ("Europe/Berlin", 3600)


async def test_people_can_be_changed(stage: Stage) -> None:
    """A test may change an account at any time, and the next answer shows it."""
    stage.slack.people[ANA] = replace(stage.slack.people[ANA], ultra_restricted=True)
    assert (await stage.client.users_info(user=ANA))["user"]["is_ultra_restricted"]
    with pytest.raises(SlackApiError, match="user_not_found"):
        await stage.client.users_info(user="U0NOBODY")


async def test_groups_and_channels(stage: Stage) -> None:
    """Members of groups and channels are told; a channel says whether another company is in it."""
    assert (await stage.client.usergroups_users_list(usergroup=DBAS))["users"] == [BEN, CHIOMA]
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        await stage.client.usergroups_users_list(usergroup="S0NONE")
    assert OLU in (await stage.client.conversations_members(channel=SHARED))["members"]
    assert (await stage.client.conversations_info(channel=SHARED))["channel"]["is_ext_shared"]
    assert not (await stage.client.conversations_info(channel=DB_MOVES))["channel"]["is_ext_shared"]


async def test_a_direct_message(stage: Stage) -> None:
    """The bot can open a direct message and write there; only that person reads it."""
    opened = await stage.client.conversations_open(users=ANA)
    await stage.client.chat_postMessage(channel=opened["channel"]["id"], text="hello")
    assert [message.text for message in stage.slack.messages(opened["channel"]["id"], as_user=ANA)] == [
        "hello"
    ]
    assert stage.slack.messages(opened["channel"]["id"], as_user=BEN) == []


async def test_lists_have_pages(stage: Stage) -> None:
    """Following the cursor gives everybody once."""
    seen: list[str] = []
    cursor = ""
    while True:
        page = await stage.client.users_list(limit=4, cursor=cursor)
        seen += [member["id"] for member in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert sorted(seen) == sorted(stage.slack.people)
