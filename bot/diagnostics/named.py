"""Whether Slack knows every person, user group and channel that the policy and the settings name."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.groups import why_unread
from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, problem
from bot.slack.connect import find_home
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.directory import MemberStanding, PeopleUnavailableError, SlackDirectory
from bot.slack.errors import SLACK_FAILURES

_MEND = "Mend the policy file."
_NAME_ANOTHER = "Name another in the policy file, or in WORKFLOW_BOT_CHANNEL."


async def named(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """A line for each of them."""
    people = SlackDirectory(subject.slack, await find_home(subject.slack), subject.clock)
    named, channels = subject.policy.named, subject.policy.channels
    if own := subject.settings.channel:
        channels.setdefault(own, subject.policy.base.allow_shared_channels)
    return [
        *[await _person(people, user) for user in sorted(named.users)],
        *[await _group(subject.slack, group) for group in sorted(named.groups)],
        *[await _channel(subject.slack, channel, channels[channel]) for channel in sorted(channels)],
    ]


async def _person(people: SlackDirectory, user: str) -> DiagnosticFinding:
    try:
        found = await people.look_up(user)
    except PeopleUnavailableError:
        return problem("Slack did not say who that is. Try again.", about=user)
    if found.standing is MemberStanding.MEMBER:
        return DiagnosticFinding(f"{found.name}, a full member", about=user)
    what = f"{found.name} is" if found.name != user else "they are"
    return problem(f"{what} no full member here ({found.standing.value}). {_MEND}", about=user)


async def _group(client: AsyncWebClient, group: str) -> DiagnosticFinding:
    try:
        users = (await client.usergroups_users_list(usergroup=group)).get("users")
    except SLACK_FAILURES as error:
        why = why_unread(failure_of(error).code)
        return problem(
            f"the user group cannot be read: {why}. Only who is in it notices. {_MEND}", about=group
        )
    if not isinstance(users, list) or not users:
        return problem(f"nobody is in this user group. {_MEND}", about=group)
    return DiagnosticFinding(f"a user group of {len(users)}", about=group)


async def _channel(client: AsyncWebClient, channel: str, may_be_shared: bool) -> DiagnosticFinding:
    try:
        found = (await client.conversations_info(channel=channel)).get("channel")
    except SLACK_FAILURES as error:
        code = failure_of(error).code
        return problem(
            f"Slack does not show this channel to the bot ({code}). Invite it there.", about=channel
        )
    place: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    if place.get("is_archived"):
        return problem(f"this channel is archived. {_NAME_ANOTHER}", about=channel)
    if not may_be_shared and (place.get("is_ext_shared") or place.get("is_pending_ext_shared")):
        return problem(
            "people of other companies see this channel, so nothing is posted there. Name another, or set "
            "allow_shared_channels.",
            about=channel,
        )
    return DiagnosticFinding(f"the channel #{place.get('name', '?')}", about=channel)
