"""A pasted link of a workflow's page at PlanetScale, and who is told what under it."""

from typing import Any

import pytest

from bot.demo.slack import talk
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, CHIOMA, DB_MOVES, GIL, NO_BOT, OLU, OTHER_BOT, PRIVATE, SHARED
from bot.planetscale.refs import WorkflowRef
from tests.scenarios.conftest import Stage, open_stage

PAGE = "https://app.planetscale.com/acme/shop/workflows/3"


@pytest.fixture
def with_orders(http_stage: Stage) -> Stage:
    """With a workflow that is verified."""
    return add_orders(http_stage)


def add_orders(stage: Stage, state: str = "verified_data") -> Stage:
    stage.planetscale.add_workflow("shop", 3, state, name="orders-to-customer")
    return stage


async def paste(stage: Stage, typed: str = PAGE, user: str = ANA, channel: str = DB_MOVES) -> str:
    """Somebody writes a message with a link; what everybody reads of it afterwards."""
    message, deliveries = await stage.slack.talk(user, channel, typed)
    assert all(one.ok for one in deliveries)
    await stage.settle()
    return now(stage, message)


def now(stage: Stage, message: Message) -> str:
    [found] = [one for one in stage.slack.messages(message.channel) if one.ts == message.ts]
    return stage.slack.visible_text(found)


async def test_a_link_shows_who_serves_writes_and_what_comes_next(stage: Stage) -> None:
    """Under a pasted link everybody reads where the workflow stands, and nobody is notified of it."""
    add_orders(stage)
    assert await paste(stage, f"Look at {PAGE}") == (
        f"Look at {PAGE}\n"
        "Running · verified clean · shop #3 orders-to-customer\n"
        "Writes: commerce · Replica reads: commerce · read today 02:14\n"
        "Next: /workflow switch-traffic shop 3 --replicas-only"
    )
    assert len(stage.slack.world.messages) == 1
    assert len(stage.slack.calls_to("chat.unfurl")) == 1
    assert [path for _, path in stage.asked if path.endswith("/workflows/3")] != []


async def test_the_address_is_that_of_the_button(with_orders: Stage) -> None:
    """What *Open in PlanetScale* opens, copied from a browser, is understood."""
    await with_orders.type("show shop 3")
    urls = [
        element["url"]
        for block in with_orders.private().blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if "url" in element
    ]
    assert "Writes: commerce" in await paste(with_orders, urls[0])


@pytest.mark.parametrize("end", ["/", "?tab=tables", "#streams", "/?a=b#c"])
async def test_what_a_browser_adds_does_no_harm(with_orders: Stage, end: str) -> None:
    """An address with something after it is still the workflow's."""
    assert "Writes: commerce" in await paste(with_orders, PAGE + end)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.planetscale.com/acme/shop",
        "https://app.planetscale.com/acme/shop/workflows",
        "https://app.planetscale.com/acme/shop/workflows/3/edit",
        "https://app.planetscale.com/acme/shop/workflows/x",
        "https://app.planetscale.com/acme/shop/workflows/0",
        "https://app.planetscale.com/other/shop/workflows/3",
        "https://app.planetscale.com/acme/..%2Fcrm/workflows/3",
        "https://app.planetscale.com/acme/shop/deploy-requests/3",
        "http://app.planetscale.com/acme/shop/workflows/3",
        "https://app.planetscale.com:8443/acme/shop/workflows/3",
        "https://app.planetscale.com/acme/shop/workflows/99999999999999999999",
    ],
)
async def test_other_addresses_are_left_alone(with_orders: Stage, url: str) -> None:
    """Only a workflow's page, of an organization that the bot works for, leads to a read."""
    assert WorkflowRef.of_page(url) is None or "other" in url or ".." in url
    assert await paste(with_orders, url) == url
    assert with_orders.asked == []


async def test_a_workflow_that_is_not_there_is_left_alone(with_orders: Stage) -> None:
    """Nobody is told of a workflow that PlanetScale does not give: nobody asked."""
    gone = PAGE.replace("/3", "/9")
    assert await paste(with_orders, f"{gone} and {PAGE}") == (
        f"{gone} and {PAGE}\n" + "\n".join((await paste(with_orders)).splitlines()[1:])
    )
    assert with_orders.slack.ephemeral_for(ANA) == []


async def test_several_links_of_one_message(with_orders: Stage) -> None:
    """Each workflow is told of once, and no more than three in one message."""
    for number in range(4, 8):
        with_orders.planetscale.add_workflow("shop", number, "copying", name=f"w{number}", percent=10.0)
    pages = [PAGE, f"{PAGE}/", *(PAGE.replace("/3", f"/{number}") for number in range(4, 8))]
    said = await paste(with_orders, " ".join(pages))
    assert [f"shop #{number}" in said for number in (3, 4, 5, 6, 7)] == [True, True, True, False, False]
    assert said.count("shop #3") == 1


@pytest.mark.parametrize(("user", "channel"), [(GIL, DB_MOVES), (OLU, SHARED), (ANA, SHARED), (ANA, NO_BOT)])
async def test_who_is_told_nothing(with_orders: Stage, user: str, channel: str) -> None:
    """A guest's link, an outsider's, one in a shared channel or where the bot is not: nothing is read."""
    assert await paste(with_orders, PAGE, user, channel) == PAGE
    assert with_orders.asked == []
    assert with_orders.slack.ephemeral_for(user) == []
    assert with_orders.slack.calls_to("chat.unfurl", "chat.postEphemeral") == []


async def test_a_shared_channel_stays_without_even_where_the_policy_allows_cards() -> None:
    """The policy's word on cards in shared channels is none on links: an outsider may be the one to read."""
    policy = '[[database]]\nmatch = "shop"\nallow_shared_channels = true\n'
    async with open_stage(policy=policy) as stage:
        add_orders(stage)
        assert await paste(stage, PAGE, ANA, SHARED) == PAGE
        assert stage.asked == []


IN_DOUBT: list[dict[str, Any]] = [
    {"error": "channel_not_found"},
    {"error": "missing_scope"},
    {"status": 503},
    {"how": "garbage"},
]


@pytest.mark.parametrize("how", IN_DOUBT, ids=str)
async def test_in_doubt_who_reads_nothing_is_told(with_orders: Stage, how: dict[str, Any]) -> None:
    """If Slack does not say who sees the channel, nothing is."""
    with_orders.slack.fail("conversations.info", **how)
    assert await paste(with_orders) == PAGE
    assert with_orders.slack.ephemeral_for(ANA) == []


ODD: list[dict[str, Any]] = [
    {"is_bot_user_member": False},
    {"is_bot_user_member": None},
    {"source": "composer", "channel": "COMPOSER"},
    {"source": "composer"},
    {"channel": "D0BEN"},
    {"channel": None},
    {"message_ts": None},
    {"user": None},
    {"user": OTHER_BOT},
    {"links": None},
    {"links": [None, 3, {"url": 7}, {"domain": "x"}]},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
async def test_what_an_event_does_not_say_counts_against_it(with_orders: Stage, odd: dict[str, Any]) -> None:
    """A link that is still being typed, of a bot, in an unknown place: it is acknowledged, no more."""
    message = with_orders.slack.say(ANA, DB_MOVES, f"<{PAGE}>")
    delivery = await with_orders.slack.event(talk.link_shared(message, [PAGE]) | odd)
    await with_orders.settle()
    assert delivery.ok
    assert now(with_orders, message) == PAGE
    assert with_orders.asked == []


async def test_an_event_without_a_word_on_other_companies(with_orders: Stage) -> None:
    """Where Slack's event does not say that the channel is not shared, nothing is told."""
    message = with_orders.slack.say(ANA, DB_MOVES, f"<{PAGE}>")
    whole = (await with_orders.slack.event(talk.link_shared(message, []))).payload
    event = talk.link_shared(message, [PAGE])
    for shared in (True, None, "false"):
        body = whole | {"event": event, "event_id": f"Ev-{shared}", "is_ext_shared_channel": shared}
        assert (await with_orders.slack.sender.send("events_api", body)).ok
        await with_orders.settle()
    assert now(with_orders, message) == PAGE


async def test_an_event_that_comes_again_is_told_once(stage: Stage) -> None:
    """However often Slack delivers it, the workflow is read once."""
    add_orders(stage)
    stage.slack.deliveries = 4
    await paste(stage)
    assert len(stage.slack.calls_to("chat.unfurl")) == 1


async def test_where_the_policy_names_readers_only_they_are_told() -> None:
    """A reader's link is answered to them alone, since not everybody in the channel may read."""
    policy = f'[[database]]\nmatch = "shop"\nrequesters = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        add_orders(stage)
        assert await paste(stage, PAGE, CHIOMA) == PAGE
        assert stage.asked == []
        assert stage.slack.ephemeral_for(CHIOMA) == []
        assert await paste(stage, PAGE, BEN) == PAGE
        assert stage.slack.calls_to("chat.unfurl") == []
        said = stage.slack.visible_text(stage.private(BEN), BEN)
        assert "Writes: commerce" in said
        assert said.endswith("Only you see this: the policy names who may read about this database.")


async def test_in_a_private_channel_of_ones_own(with_orders: Stage) -> None:
    """A private channel that the bot is in is told of a link as a public one is."""
    assert "Writes: commerce" in await paste(with_orders, PAGE, ANA, PRIVATE)


@pytest.mark.parametrize("hidden", [True, False])
async def test_planetscales_words_are_left_out_where_the_policy_says_so(hidden: bool) -> None:
    """What PlanetScale says of an error is for everybody only where the policy does not hide it."""
    policy = f'[[database]]\nmatch = "shop"\nhide_errors = {str(hidden).lower()}\n'
    async with open_stage(policy=policy) as stage:
        add_orders(stage, "error")
        said = await paste(stage)
        assert "shop #3 orders-to-customer" in said
        assert ("PlanetScale says: " in said) is not hidden


async def test_names_are_dead_under_a_link_too(http_stage: Stage) -> None:
    """A workflow's name with markup in it mentions nobody and links nowhere."""
    name = "<!channel> <https://evil.example|x> *b*"
    http_stage.planetscale.add_workflow("shop", 3, "verified_data", name=name)
    assert name in await paste(http_stage)
    [message] = http_stage.slack.messages(DB_MOVES)
    message.text = ""
    assert http_stage.slack.live_markup(message) == []


async def test_blocks_that_slack_refuses_there(with_orders: Stage) -> None:
    """Where Slack does not take the blocks under a link, plainer ones are sent."""
    with_orders.slack.fail("chat.unfurl", error="cannot_parse_attachment")
    assert "Writes: commerce" in await paste(with_orders)
    with_orders.slack.fail("chat.unfurl", error="cannot_unfurl_url")
    assert await paste(with_orders, PAGE, BEN) == PAGE


@pytest.mark.parametrize("typed", [PAGE, f"@Workflow Bot {PAGE}"])
async def test_to_the_bot_alone_a_link_is_a_question(with_orders: Stage, typed: str) -> None:
    """In the bot's direct messages a link is answered as `show` is, with its buttons, and under no link."""
    await paste(with_orders, typed, ANA, "D0ANA")
    [_, answer] = with_orders.slack.messages("D0ANA")
    said = with_orders.slack.visible_text(answer, ANA)
    assert "shop #3 orders-to-customer" in said
    assert "[Refresh]" in said
    assert with_orders.slack.calls_to("chat.unfurl") == []
