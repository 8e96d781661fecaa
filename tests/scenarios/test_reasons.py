"""Why: said with a request or asked for before it, kept to its end, and nothing that must not be kept."""

import pytest
from sqlalchemy import select

from bot.demo.slack.inputs import FormError
from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from bot.store.schema import audit
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"
ASKS_WHY = '[approvals]\nreason = ["cutover", "cancel", "create", "retry", "switch-traffic"]\n'
DENY_ASKS = "[approvals]\ndeny_reason = true\n"
HIDDEN = "\u202e\u2066\u200b"
NEXT = "op_next.cutover"


async def because(stage: Stage, words: str, user: str = ANA) -> dict[str, str]:
    """Somebody says why in the form that they see; the errors that they read."""
    delivery = await stage.slack.submit(user, {"reason": {"reason": words}})
    await stage.settle()
    body = delivery.body if isinstance(delivery.body, dict) else {}
    return dict(body.get("errors", {}))


async def audited(stage: Stage, what: str) -> list[object]:
    """The details of the audit lines about this."""
    rows = await stage.bot.database.read(
        lambda connection: connection.execute(select(audit).where(audit.c.what == what)).mappings().all()
    )
    return [row["detail"].get("reason") for row in rows]


@pytest.mark.parametrize(
    "typed",
    [
        '--reason "the sale is over, don\'t wait"',
        "--reason “the sale is over, don’t wait”",
        "--reason ‘the sale is over, don’t wait’",
        "--reason=„the sale is over, don’t wait“",
        "—reason “the sale\n is over, don’t wait”",
    ],
)
async def test_the_reason_stands_under_the_title(typed: str) -> None:
    """A reason is typed as phones type it, is read under the title and by whoever is called, and is kept."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(f"{REPLICAS} {typed}")
        assert stage.read().splitlines()[1] == "Why: “the sale is over, don't wait”"
        assert "[Say why]" not in stage.read()
        assert stage.card().text.endswith("Why: “the sale is over, don't wait”")
        assert await audited(stage, "asked") == ["the sale is over, don't wait"]
        assert "Why: “the sale is over, don't wait”" in await stage.type("approvals", BEN)
        await stage.pass_time(15 * 60 + 1, 30)
        assert "Why: “the sale is over, don't wait”" in stage.replies()[-1]
        await stage.press(BEN, "op_approve")
        await stage.pass_time(20)
        assert "Asked by Ana · approved by Ben · “the sale is over, don't wait”" in stage.read()
        history = await stage.type("history shop")
        assert "Asked by Ana “the sale is over, don't wait” · approved by Ben" in history


async def test_the_reason_stands_in_the_moves_thread(watching_stage: Stage) -> None:
    """What came of a request is told in the thread of the move, with why it was asked for."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(f'{REPLICAS} --reason "the sale is over"')
    card = next(one for one in stage.slack.messages(MOVES) if "[Approve]" in stage.read(one))
    await stage.press(BEN, "op_approve", card)
    await stage.pass_time(30)
    told = [reply for reply in stage.replies() if "Why: “the sale is over”" in reply]
    assert len(told) == 1


async def test_words_in_a_reason_are_dead(http_stage: Stage) -> None:
    """Markup in a reason mentions nobody and links nowhere, and no sign hides or turns round what it says."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(f'{REPLICAS} --reason "&lt;!channel&gt; *now* {HIDDEN}&lt;@U0BEN&gt; `x`"')
    assert stage.read().splitlines()[1] == "Why: “<!channel> *now* <@U0BEN> x”"
    assert stage.slack.live_markup(stage.card()) == ["user @Ana"]
    kept = str(await audited(stage, "asked"))
    assert not set(kept) & set(HIDDEN)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * 10_000, "That is too long: 10,0"),
        ("x" * 301, "The reason has 301 characters; at most 300 are kept."),
        ("…", "The reason is empty: say in a few words why."),
        ("pscale_tkn_abcdefghijklmnop", "That was refused and not stored."),
    ],
)
async def test_what_is_no_reason(http_stage: Stage, words: str, said: str) -> None:
    """What is too long, says nothing or holds a token is not taken, and asks for nothing."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    answer = await stage.type(f'{REPLICAS} --reason "{words}"')
    assert answer.startswith(said)
    assert stage.cards() == []
    assert await audited(stage, "asked") == []


async def test_a_reason_without_quotes(http_stage: Stage) -> None:
    """Who leaves the quotes out is told the line as it is meant, and nothing is sent."""
    answer = await http_stage.type("cutover shop 3 --reason sale is over --org acme")
    assert answer.splitlines()[:2] == [
        "“is” is one word too many: cutover takes DATABASE and NUMBER. "
        "A reason of several words needs quotes.",
        'Did you mean /workflow cutover shop 3 --reason="sale is over" --org=acme?',
    ]


async def test_what_the_policy_wants_to_know() -> None:
    """Where the policy asks why, a line without it is answered with how to say it, and a button that asks."""
    async with open_stage(policy=ASKS_WHY) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type(REPLICAS) == text(
            """
            Switch replica reads needs a reason: the policy asks why. Nothing was sent. Press the button, \
                or type: /workflow switch-traffic shop 3 --replicas-only --reason="…"
            [Say why …]
            """
        )
        assert stage.cards() == []
        await stage.press(ANA, "op_next.switch-traffic", stage.private())
        form = stage.slack.view_of(ANA)
        assert form is not None
        assert stage.slack.visible_text(form) == text(
            """
            Switch replica reads
            Why is this needed? The policy asks for a reason; it stands on the card []
            [Ask for it]
            [Leave it]
            """
        )
        assert stage.cards() == []
        assert await because(stage, "pscale_tkn_abcdefghijklmnop") == {
            "reason": "That looks like a secret, so it was not taken. "
            "A token that was typed here should be replaced."
        }
        with pytest.raises(FormError):
            await because(stage, "x" * 301)
        assert await because(stage, "the sale\nis over") == {}
        assert stage.read().splitlines()[:2] == [
            "🔵 Moves reads · Switch replica reads · shop #3 orders-to-customer",
            "Why: “the sale is over”",
        ]
        assert len(stage.cards()) == 1


async def test_a_forced_request_needs_a_reason(http_stage: Stage) -> None:
    """What is forced is asked for only with a reason, by the built-in policy too, and never by a button."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    assert await stage.type("switch-traffic shop 3 --force") == text(
        """
        A forced request needs a reason, for those who approve it. Nothing was sent.
        Type it again with --force, and say why. Without that flag: \
            /workflow switch-traffic shop 3 --reason="…"
        """
    )
    assert stage.cards() == []
    await stage.type("cancel shop 3")
    card = stage.card()
    element = {"type": "button", "action_id": NEXT, "text": {"type": "plain_text", "text": "Cut over"}}
    element["value"] = '/workflow switch-traffic shop 3 --force --reason="x"'
    card.blocks.append({"type": "actions", "block_id": "made-up", "elements": [element]})
    answer = await stage.press(ANA, NEXT, card)
    assert answer.startswith("This button is of another version of the bot, so nothing was done.")
    assert len(stage.cards()) == 1


async def test_a_next_step_that_needs_a_reason() -> None:
    """A button that asks for what needs a reason asks for it first; nothing is asked for until it is said."""
    async with open_stage(policy=ASKS_WHY) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(f'{REPLICAS} --reason "the sale is over"')
        await stage.press(BEN, "op_approve")
        await stage.pass_time(20)
        cards = len(stage.cards())
        await stage.press(ANA, "op_next.switch-traffic", stage.first)
        await stage.slack.close(ANA)
        await stage.settle()
        assert len(stage.cards()) == cards
        await stage.press(ANA, "op_next.switch-traffic", stage.first)
        form = stage.slack.view_of(ANA)
        await because(stage, "replicas look well")
        assert "Why: “replicas look well”" in stage.read(stage.card())
        cards = len(stage.cards())
        assert form is not None
        await stage.slack.submit(ANA, {"reason": {"reason": "once more"}}, form)
        await stage.settle()
        assert len(stage.cards()) == cards  # the same form is the same press


async def test_asking_again_for_what_needs_a_reason() -> None:
    """Ask again asks why too, and offers the words of last time to whoever said them."""
    async with open_stage(policy=ASKS_WHY) as stage:
        stage.planetscale.add_workflow("shop", 3, "copying")
        await stage.type('cancel shop 3 --reason "wrong vindex"')
        await stage.press(BEN, "op_deny")
        assert "Asked by Ana at 02:14 · “wrong vindex”" in stage.read()
        await stage.press(CHIOMA, "op_ask_again", stage.first)
        form = stage.slack.view_of(CHIOMA)
        assert form is not None
        assert "initial_value" not in form.body["blocks"][0]["element"]
        await stage.press(ANA, "op_ask_again", stage.first)
        form = stage.slack.view_of(ANA)
        assert form is not None
        assert form.body["blocks"][0]["element"]["initial_value"] == "wrong vindex"
        await because(stage, "wrong vindex, Ben agrees now")
        assert "Why: “wrong vindex, Ben agrees now”" in stage.read(stage.card())


async def test_asking_again_keeps_ones_own_reason(http_stage: Stage) -> None:
    """Where the policy does not ask, who asks again has said why already; another's words are not theirs."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    await stage.type('cancel shop 3 --reason "wrong vindex"')
    await stage.press(BEN, "op_deny")
    await stage.press(ANA, "op_ask_again", stage.first)
    again = stage.card()
    assert "Why: “wrong vindex”" in stage.read(again)
    await stage.press(ANA, "op_withdraw", again)
    assert "“wrong vindex”" in stage.read(again)


async def test_a_reason_stays_as_approvers_read_it(http_stage: Stage) -> None:
    """Who said why cannot say something else afterwards: others may have decided by it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    await stage.type("cancel shop 3")
    await stage.press(ANA, "op_say_why")
    first = stage.slack.view_of(ANA)
    await stage.press(ANA, "op_say_why")
    await because(stage, "wrong vindex")
    card = stage.read()
    assert first is not None
    await stage.slack.submit(ANA, {"reason": {"reason": "nothing to worry about"}}, first)
    await stage.settle()
    assert stage.read() == card


async def test_saying_why_before_one_confirms(http_stage: Stage) -> None:
    """The question to the requester alone can be given a reason, which the card then has."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type("reverse-traffic shop 3")
    question = stage.private()
    await stage.press(ANA, "op_say_why", question)
    await because(stage, "errors in checkout")
    assert stage.cards() == []
    await stage.press(ANA, "op_confirm", question)
    assert stage.read().splitlines()[1] == "Why: “errors in checkout”"


async def test_a_deny_takes_a_second_tap(http_stage: Stage) -> None:
    """Slack asks once more before a Deny is sent; afterwards its reason is asked for."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    await stage.type("cutover shop 3")
    assert stage.dialog("op_deny") == text(
        """
        Deny: Cut over, shop #3?
        The request of Ana ends as soon as you deny, and nothing is sent. Then you are asked why.
        [Deny] [Go back]
        danger
        """
    )
    await stage.press(BEN, "op_deny")
    assert stage.read().splitlines()[1] == "Denied by @Ben at 02:14 · nothing was sent"
    await because(stage, "not during the sale", BEN)
    assert "“not during the sale”" in stage.read()


async def test_a_deny_that_needs_a_reason() -> None:
    """Where the policy says so, a Deny counts once its reason is said: until then the request waits."""
    async with open_stage(policy=DENY_ASKS) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        assert await stage.press(BEN, "op_deny") == ""
        assert "[Approve]" in stage.read()
        form = stage.slack.view_of(BEN)
        assert form is not None
        assert stage.slack.visible_text(form) == text(
            """
            Deny
            Why not? The policy asks for a reason; whoever asked reads it []
            [Deny]
            [Leave it]
            """
        )
        with pytest.raises(FormError):
            await because(stage, "", BEN)
        assert await because(stage, " … ", BEN) == {"reason": "The reason is empty: say in a few words why."}
        assert "[Approve]" in stage.read()
        assert await because(stage, "not during the <!channel> sale", BEN) == {}
        assert stage.read().splitlines()[1:3] == [
            "Denied by @Ben at 02:14 · nothing was sent",
            "“not during the <!channel> sale”",
        ]
        assert "Denied by Ben: “not during the <!channel> sale”" in stage.replies()[-1]
        history = await stage.type("history shop")
        assert "denied by Ben “not during the <!channel> sale”" in history
        assert "did not count" not in history
        assert await audited(stage, "pressed deny") == [None, "not during the <!channel> sale"]
        assert stage.changes == []


async def test_who_may_not_deny_is_not_asked_why() -> None:
    """The form is for those whose Deny would count; a made-up one of somebody else stops nothing."""
    async with open_stage(policy=DENY_ASKS) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        await stage.press(GIL, "op_deny")
        assert stage.slack.view_of(GIL) is None
        await stage.press(BEN, "op_deny")
        form = stage.slack.view_of(BEN)
        assert form is not None
        form.user = GIL
        await stage.slack.submit(GIL, {"reason": {"reason": "because I say so"}}, form)
        await stage.settle()
        assert "[Approve]" in stage.read()


async def test_a_deny_that_comes_too_late() -> None:
    """A reason that is submitted once it runs is answered, and stops nothing."""
    async with open_stage(policy=DENY_ASKS) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        await stage.press(BEN, "op_deny")
        await stage.press(CHIOMA, "op_approve")
        before = len(stage.slack.ephemeral_for(BEN))
        await because(stage, "not now", BEN)
        told = [stage.slack.visible_text(one) for one in stage.slack.ephemeral_for(BEN)[before:]]
        assert told == ["Too late: PlanetScale was asked at 02:14:10."]
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_form_that_slack_does_not_open() -> None:
    """Where the form does not come, nothing has counted, and the presser reads that they can press again."""
    async with open_stage(policy=DENY_ASKS + 'reason = ["cancel"]\n') as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        stage.slack.fail("views.open", error="fatal_error")
        assert await stage.press(BEN, "op_deny") == text(
            """
            A Deny needs a reason here, and Slack did not open the form for it, so it did not count. \
                Press Deny again.
            """
        )
        assert "[Approve]" in stage.read()
        stage.planetscale.add_workflow("crm", 4, "copying")
        assert "[Say why …]" in await stage.type("cancel crm 4")
        stage.slack.fail("views.open", error="fatal_error")
        assert await stage.press(ANA, "op_next.cancel", stage.private()) == text(
            """
            Slack did not open the form for the reason in time. Nothing was sent. Press again.
            """
        )
        assert len(stage.slack.messages(MOVES)) == 1
