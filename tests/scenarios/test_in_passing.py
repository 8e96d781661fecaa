"""The bot mentioned in a channel or a thread, and written to directly: questions without a slash command."""

import json
from typing import Any

import httpx
import pytest

from bot.commands.grammar import SUB_COMMANDS
from bot.commands.model import CHANGING
from bot.demo.slack.model import BOT_USER, OTHER_TEAM, Message
from bot.demo.slack.people import ANA, BEN, CHIOMA, DB_MOVES, GIL, OLU, OTHER_BOT, SHARED
from bot.slack.handlers import passing
from tests.scenarios.conftest import Stage, open_stage

DIRECT = "D0ANA"
AT = "@Workflow Bot"


@pytest.fixture
def asked(http_stage: Stage) -> Stage:
    """With a workflow that is verified."""
    http_stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    return http_stage


async def say(
    stage: Stage, typed: str, user: str = ANA, channel: str = DB_MOVES, thread: str | None = None
) -> list[Message]:
    """Somebody writes a message; what the bot has to say to it."""
    before = [message.ts for message in stage.slack.world.messages]
    written, deliveries = await stage.slack.talk(user, channel, typed, thread)
    assert all(delivery.ok for delivery in deliveries)
    await stage.settle()
    return [one for one in stage.slack.world.messages if one.ts not in {*before, written.ts}]


def read(stage: Stage, answers: list[Message], user: str = ANA) -> str:
    [answer] = answers
    return stage.slack.visible_text(answer, user)


async def test_a_question_is_answered_in_the_thread_where_it_was_asked(stage: Stage) -> None:
    """In a thread, where Slack takes no slash commands, a mention is answered, to the asker alone."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    root = stage.slack.say(BEN, DB_MOVES, "How far is it?")
    [answer] = await say(stage, f"{AT} show shop 3", thread=root.ts)
    assert (answer.channel, answer.thread_ts, answer.only_for) == (DB_MOVES, root.ts, ANA)
    lines = stage.slack.visible_text(answer, ANA).splitlines()
    assert lines[0] == "Running · verified clean 2 h ago · shop #3 orders-to-customer"
    assert lines[1] == "Writes: commerce · Replica reads: commerce"


async def test_in_the_channel_it_is_answered_in_the_channel(asked: Stage) -> None:
    """A mention that is no reply is answered beside it, not in a thread."""
    [answer] = await say(asked, f"{AT} list shop")
    assert (answer.thread_ts, answer.only_for) == (None, ANA)
    assert "orders-to-customer" in asked.slack.visible_text(answer, ANA)


@pytest.mark.parametrize(
    "typed", ["show shop 3", "`show shop 3`", "/workflow show shop 3", f"{AT} show shop 3"]
)
async def test_a_direct_message_needs_no_slash(stage: Stage, typed: str) -> None:
    """What somebody writes to the bot alone is answered there, in a message that stays."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    [answer] = await say(stage, typed, channel=DIRECT)
    assert (answer.channel, answer.only_for, answer.user) == (DIRECT, None, BOT_USER)
    assert "shop #3 orders-to-customer" in stage.slack.visible_text(answer, ANA)


async def test_the_buttons_of_a_direct_answer_work(asked: Stage) -> None:
    """*Refresh* under an answer in a direct message reads again and takes its place."""
    [answer] = await say(asked, "show shop 3", channel=DIRECT)
    asked.planetscale.add_workflow("shop", 3, "switched_primaries", name="orders-to-customer")
    await asked.press(ANA, "qa_refresh", answer)
    [now] = [one for one in asked.slack.messages(DIRECT) if one.user == BOT_USER]
    assert "Writes: customer" in asked.slack.visible_text(now, ANA)


async def test_the_buttons_of_an_answer_in_a_thread_work(asked: Stage) -> None:
    """The next step under an answer in a thread is asked for as by its command: a card in the channel."""
    root = asked.slack.say(BEN, DB_MOVES, "Shall we?")
    [answer] = await say(asked, f"{AT} show shop 3", thread=root.ts)
    step = next(
        one["action_id"] for block in answer.blocks if block["type"] == "actions" for one in block["elements"]
    )
    await asked.press(ANA, step, answer)
    assert "Switch replica reads" in asked.cards()[-1]


async def test_what_is_read_by_a_button_in_a_thread_is_read_there(asked: Stage) -> None:
    """*Show #3* under a list in a thread answers in the thread, and so does a line that is only read."""
    root = asked.slack.say(BEN, DB_MOVES, "What is there?")
    [answer] = await say(asked, f"{AT} list shop", thread=root.ts)
    await asked.press(ANA, "qa_run.1", answer)
    assert "shop #3 orders-to-customer" in asked.slack.visible_text(asked.private(), ANA)
    assert asked.private().thread_ts == root.ts
    [mistaken] = await say(asked, f"{AT} hlep", thread=root.ts)
    await asked.press(ANA, "qa_run.1", mistaken)
    assert asked.slack.visible_text(asked.private(), ANA).startswith("PlanetScale workflows")
    assert asked.private().thread_ts == root.ts


@pytest.mark.parametrize(
    "typed",
    [
        f"*{AT} show shop 3*",
        f"{AT}: *show* `shop` ~3~",
        f"{AT}, “show” shop ‘3’?",
        f"&gt; {AT} _show shop 3_",
        f"{AT} show shop 3\nIt looks stuck to me.",
        f"Hm. {AT} show shop 3",
        f"{AT}\u00a0\u200bshow shop 3",
        f"```{AT} show shop 3```",
    ],
)
async def test_markup_and_smart_quotes_change_nothing(asked: Stage, typed: str) -> None:
    """However chat dresses a line up, it is the line that is read."""
    message = asked.slack.say(ANA, DB_MOVES, typed.replace(AT, f"<@{BOT_USER}>"))
    await asked.slack.tell(message)
    await asked.settle()
    assert "shop #3 orders-to-customer" in read(asked, asked.slack.ephemeral_for(ANA))


async def test_an_address_that_slack_made_of_a_name(asked: Stage) -> None:
    """A name that Slack turned into a link is still that name."""
    message = asked.slack.say(ANA, DB_MOVES, f"<@{BOT_USER}|bot> show <http://shop.io|shop> 3")
    await asked.slack.tell(message)
    await asked.settle()
    assert "shop #3 orders-to-customer" in read(asked, asked.slack.ephemeral_for(ANA))


@pytest.mark.parametrize("sub", SUB_COMMANDS, ids=lambda sub: str(sub.name))
async def test_a_mention_changes_nothing(asked: Stage, sub: Any) -> None:
    """Whatever is mentioned, what does more than read is only typed: the line is ready."""
    words = (
        "shop main --name a --source-keyspace a --target-keyspace b --tables t"
        if sub.name == "create"
        else "shop 3"
    )
    root = asked.slack.say(BEN, DB_MOVES, "And now?")
    said = read(asked, await say(asked, f"{AT} {sub.name} {words}", thread=root.ts))
    assert asked.changes == []
    assert asked.slack.messages(DB_MOVES)[1].user == ANA
    assert len(asked.slack.messages(DB_MOVES)) == 2
    if issubclass(sub.makes, CHANGING):
        said = said.replace("\n", " ")
        assert said.startswith(
            "Nothing was asked for. What changes something is typed in the channel: /workflow "
        )
        assert "Slack takes no slash commands in threads." in said
    else:
        assert "is typed in the channel" not in said


async def test_the_line_is_ready(asked: Stage) -> None:
    """The line for an action that was mentioned is whole, and its button is as if it had been typed."""
    [answer] = await say(asked, f"{AT} switch-traffic shop 3 --replicas-only --reason “see the ticket”")
    assert asked.slack.visible_text(answer, ANA) == (
        "Nothing was asked for. What changes something is typed in the channel:\n"
        '/workflow switch-traffic shop 3 --replicas-only --reason="see the ticket"\n[Run]'
    )
    await asked.press(ANA, "qa_run.1", answer)
    assert "Switch replica reads" in asked.cards()[-1]


async def test_nobody_is_led_to_force(asked: Stage) -> None:
    """A forced action is not handed out ready: the line is without it, and says so."""
    said = read(asked, await say(asked, f'{AT} cutover shop 3 --force --reason "now"'))
    assert "--force: add it yourself" in said
    assert "/workflow cutover shop 3 --reason" in said
    assert "[Run]" not in said


@pytest.mark.parametrize("typed", ["create", "create shop", "create shop main"])
async def test_a_form_is_offered_and_not_opened(asked: Stage, typed: str) -> None:
    """A `create` that says too little is answered with a button: no form can open from a message."""
    assert "[Open the form]" in read(asked, await say(asked, f"{AT} {typed}"))


async def test_the_name_alone_shows_what_can_be_done(asked: Stage) -> None:
    """A mention and nothing else is `/workflow` and nothing else."""
    assert read(asked, await say(asked, AT)) == await asked.type("")


@pytest.mark.parametrize("typed", [f"I asked {AT} about it", f"Thanks, {AT}!", f"cc {AT}"])
async def test_talk_about_the_bot_is_no_question(asked: Stage, typed: str) -> None:
    """Who only speaks of the bot is left alone."""
    assert await say(asked, typed) == []


async def test_a_mistake_is_answered_with_the_right_form(asked: Stage) -> None:
    """A misspelt line is helped with as in a command."""
    assert "Did you mean /workflow show shop 3?" in read(asked, await say(asked, f"{AT} shwo shop 3"))


async def test_a_secret_is_refused_wherever_it_stands(asked: Stage) -> None:
    """A token in a message is named as such, also where nothing was asked, and no word of it is kept."""
    secret = "pscale_tkn_" + "a1b2c3d4" * 5
    said = read(asked, await say(asked, f"Is it {secret} here, {AT}?"))
    assert said.startswith("That was refused and not stored.")
    assert secret not in said


async def test_a_long_message_is_refused_in_a_sentence(asked: Stage) -> None:
    """Thousands of characters are neither read nor repeated."""
    said = read(asked, await say(asked, f"{AT} show shop {'3' * 4000}"))
    assert said.startswith("That is too long: 4,0")
    assert len(said) < 300


async def test_an_event_that_comes_again_is_one_question(stage: Stage) -> None:
    """However often Slack delivers an event, and however late, it is answered once."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    stage.slack.deliveries = 4
    message, deliveries = await stage.slack.talk(ANA, DB_MOVES, f"{AT} show shop 3")
    await stage.settle()
    stage.clock.advance(300)
    again = await stage.slack.redeliver(deliveries[0], 3)
    twin = await stage.slack.tell(message)  # the same message under another event's id
    await stage.settle()
    assert all(one.ok for one in [*deliveries, again, *twin])
    assert len(stage.slack.ephemeral_for(ANA)) == 1
    assert len([path for _, path in stage.asked if path.endswith("/workflows/3")]) == 1


async def test_what_a_person_writes_directly_twice_is_two_questions(asked: Stage) -> None:
    """The same words in another message are another question."""
    await say(asked, "show shop 3", channel=DIRECT)
    assert len(await say(asked, "show shop 3", channel=DIRECT)) == 1


async def test_a_guest_reads_the_help_and_nothing_else(asked: Stage) -> None:
    """A guest who mentions the bot is told what a guest who types is told."""
    assert "PlanetScale workflows" in read(asked, await say(asked, f"{AT} help", GIL), GIL)
    said = read(asked, await say(asked, f"{AT} show shop 3", GIL), GIL)
    assert said == await asked.type("show shop 3", GIL)
    assert asked.asked == []


@pytest.mark.parametrize("typed", ["help", "show shop 3", "cutover shop 3", "", "nonsense"])
async def test_other_companies_are_told_nothing(asked: Stage, typed: str) -> None:
    """An outsider in a shared channel gets one sentence, not even the help."""
    said = read(asked, await say(asked, f"{AT} {typed}", OLU, SHARED), OLU)
    assert said.startswith("Only full members of this workspace can use this bot. Nothing was done.")
    assert asked.asked == []


async def test_in_a_shared_channel_a_member_alone_reads_the_answer(asked: Stage) -> None:
    """Where other companies read along, a member is answered all the same: nobody else sees it."""
    [answer] = await say(asked, f"{AT} show shop 3", channel=SHARED)
    assert answer.only_for == ANA


async def test_whom_the_policy_does_not_name_reads_nothing() -> None:
    """Who may read is the rule of the policy, as for a command."""
    policy = f'[[database]]\nmatch = "shop"\nrequesters = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
        said = read(stage, await say(stage, f"{AT} show shop 3", CHIOMA), CHIOMA)
        assert said.startswith("The policy does not let you ask about this.")
        assert stage.asked == []
        assert "orders-to-customer" in read(stage, await say(stage, f"{AT} show shop 3", BEN), BEN)


async def test_in_doubt_who_asks_nothing_is_read(asked: Stage) -> None:
    """If Slack does not say who somebody is, they are told so and nothing else, whatever they asked."""
    for typed in ("help", "show shop 3"):
        asked.slack.fail("users.info", status=503)
        assert "Slack could not say who you are" in read(asked, await say(asked, f"{AT} {typed}"))
    assert asked.asked == []


def event_of(user: str, **more: Any) -> dict[str, Any]:
    """A message to the bot alone, as an event."""
    own = {"type": "message", "channel": DIRECT, "channel_type": "im", "text": "show shop 3", "ts": "1.2"}
    return own | {"user": user} | more


NOBODY: list[dict[str, Any]] = [
    event_of(BOT_USER, bot_id="B0WFBOT"),
    event_of(OTHER_BOT, bot_id="B0DEPLOY", subtype="bot_message"),
    event_of(OTHER_BOT),
    event_of(ANA, bot_id="B0OTHER"),
    event_of(ANA, subtype="message_changed", hidden=True, message={"text": "show shop 3", "user": ANA}),
    event_of(ANA, subtype="message_deleted", hidden=True),
    event_of(ANA, subtype="file_share"),
    event_of(ANA, edited={"user": ANA, "ts": "2.0"}),
    event_of(ANA, type="app_mention", edited={"user": ANA, "ts": "2.0"}, text=f"<@{BOT_USER}> show shop 3"),
    event_of(ANA, channel=DB_MOVES, channel_type="channel"),
    event_of(ANA, text=""),
    event_of(ANA, text=None),
    event_of(""),
    event_of(ANA, channel=None),
    event_of(ANA, ts=7),
]


@pytest.mark.parametrize("inner", NOBODY, ids=lambda inner: json.dumps(inner)[:70])
async def test_only_what_people_say_is_answered(stage: Stage, inner: dict[str, Any]) -> None:
    """Messages of bots, its own too, edits and whatever else Slack says of messages are no questions."""
    delivery = await stage.slack.event(inner)
    await stage.settle()
    assert delivery.ok
    assert stage.slack.world.messages == []
    assert stage.asked == []


async def test_the_bot_hears_itself_and_says_nothing(asked: Stage) -> None:
    """Its own answer in a direct message comes back as an event, and is no question."""
    [answer] = await say(asked, "help", channel=DIRECT)
    await asked.slack.tell(answer)
    await asked.settle()
    assert len(asked.slack.messages(DIRECT)) == 2


async def test_an_event_of_another_installation_is_not_served(asked: Stage) -> None:
    """An event that was delivered for another workspace leads to nothing."""
    message = asked.slack.say(ANA, DB_MOVES, f"<@{BOT_USER}> show shop 3")
    _, [delivery, *_] = message, await asked.slack.tell(message)
    await asked.settle()
    before = len(asked.slack.world.messages)
    foreign = delivery.payload | {
        "team_id": OTHER_TEAM,
        "context_team_id": OTHER_TEAM,
        "authorizations": [{"team_id": OTHER_TEAM}],
        "event_id": "Ev9",
        "event": delivery.payload["event"] | {"ts": "9.9"},
    }
    await asked.slack.sender.send("events_api", foreign)
    await asked.settle()
    assert len(asked.slack.world.messages) == before


@pytest.mark.parametrize(
    "how", [{"status": 429}, {"error": "ratelimited"}, {"error": "service_unavailable"}], ids=str
)
async def test_an_answer_that_slack_does_not_take_at_once(asked: Stage, how: dict[str, Any]) -> None:
    """Where Slack is busy, the answer is sent a little later."""
    asked.slack.fail("chat.postEphemeral", **how)
    assert "orders-to-customer" in read(asked, await say(asked, f"{AT} show shop 3"))


async def test_blocks_that_slack_refuses(asked: Stage) -> None:
    """Where Slack refuses the blocks of an answer, it is sent plainer, with its buttons."""
    asked.slack.fail("chat.postEphemeral", error="invalid_blocks")
    [answer] = await say(asked, f"{AT} show shop 3")
    assert {block["type"] for block in answer.blocks} == {"section", "actions"}


async def test_slack_asks_whether_somebody_is_there(http_stage: Stage) -> None:
    """Slack's check of the address is answered, signed as it is, also before any event was asked for."""
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aB"}).encode()
    headers = http_stage.slack.sender.sign(body) | {"Content-Type": "application/json"}
    async with httpx.AsyncClient() as client:
        url = f"{http_stage.url}/slack/events"
        answer = await client.post(url, content=body, headers=headers)
        forged = await client.post(url, content=body + b" ", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})
    assert forged.status_code == 401


async def test_too_many_at_once_are_told_so(asked: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a hundred questions under way, whoever asks in a message reads that, and nothing is read."""
    monkeypatch.setattr(passing, "AT_ONCE", 0)
    assert read(asked, await say(asked, f"{AT} show shop 3")).startswith("Too many questions at once.")
    assert asked.asked == []
