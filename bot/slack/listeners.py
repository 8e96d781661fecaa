"""Bolt's listeners. Each is thin: say who it is, hand over, acknowledge."""

import logging
import re
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.runtime.figures import NO_FIGURES, Figures
from bot.slack.cards.answers.brief_answers import apology, other_version_card
from bot.slack.cards.answers.home_page import REFRESH
from bot.slack.cards.answers.private_answers import cannot_take_down
from bot.slack.cards.answers.what_is_this import WHAT_IS_THIS
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.forms.elements import CALLBACK
from bot.slack.cards.forms.fields import Field
from bot.slack.cards.forms.modals import BECAUSE, DENY_REASON, FIELD, SAY_WHY, other_version_view
from bot.slack.cards.operation.buttons import ASK_SOMEONE
from bot.slack.directory import Home
from bot.slack.handlers.button_presses import held_of, pressed_of
from bot.slack.handlers.explanations import pointed_of
from bot.slack.handlers.forms.creating import CreateForm
from bot.slack.handlers.passing import Passing
from bot.slack.handlers.router import AskedBy, Router
from bot.slack.handlers.unfurling import Unfurling
from bot.slack.home.homes import Homes
from bot.slack.measured_app import MeasuredApp
from bot.store.errors import CommitUnknownError, StoreError

log = structlog.stdlib.get_logger(__name__)

COMMAND = "/workflow"

T = TypeVar("T")
_SORRY: dict[str, Any] = {"response_action": "errors", "errors": {Field.NAME.value: apology().plain}}


def build_bolt(client: AsyncWebClient, home: Home, router: Router, figures: Figures = NO_FIGURES) -> AsyncApp:
    """Bolt with the bot's listeners. Signatures are checked before it, the token at start-up.

    `process_before_response` sends the ack when the listener returns: Bolt's default polls every 10 ms.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=home.enterprise_id,
            team_id=home.team_id,
            bot_user_id=home.bot_user_id,
            bot_id=home.bot_id,
            bot_token=client.token,
        )

    quiet = logging.getLogger("bot.slack.bolt")
    quiet.setLevel(logging.ERROR)  # its warnings quote request bodies
    app = MeasuredApp(
        figures,
        name="workflow-bot",
        logger=quiet,
        client=client,
        authorize=authorize,
        signing_secret="checked-by-the-gate",  # noqa: S106 - not a secret: Bolt wants some value
        request_verification_enabled=False,
        process_before_response=True,
    )

    async def workflow(ack: AsyncAck, command: dict[str, Any]) -> None:
        message = await _guarded(router.take(asked(command), str(command.get("text") or "")))
        await ack({"response_type": "ephemeral"} | message.payload() if message else {})

    async def press(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        pressed = pressed_of(body, action)
        trouble = await _guarded(router.press(pressed))
        if trouble:
            router.reply_later(pressed.response_url, trouble)
        await ack()

    async def submit(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack(_at_the_field(await _in_words(router.reason(*_said(body, view)))))

    async def because(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        text = _said(body, view)[2]
        await ack(_at_the_field(await _in_words(router.because(held_of(body, view), text))))

    async def shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _guarded(router.explain(pointed_of(body)))
        await ack()

    async def page_opened(ack: AsyncAck) -> None:
        await ack()

    async def whom_to_ask(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _guarded_or(router.whom_to_ask(body), []))

    app.command(COMMAND)(workflow)
    app.options(ASK_SOMEONE)(whom_to_ask)
    app.message_shortcut(WHAT_IS_THIS)(shortcut)
    app.action(re.compile(r"^(op|wa|qa)_"))(press)
    app.action(re.compile(r"^go_"))(page_opened)
    app.view(DENY_REASON)(submit)
    app.view(SAY_WHY)(submit)
    app.view(BECAUSE)(because)
    return app


def listen_for_forms(app: AsyncApp, form: CreateForm, router: Router) -> None:
    """Hand over what happens in the create form, and the button that opens it."""

    async def changed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        trouble = await _guarded(form.changed(body))
        if trouble:
            router.reply_later(pressed_of(body, action).response_url, trouble)
        await ack()

    async def options(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _guarded_or(form.options(body), []))

    async def create(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack(await _guarded_or(form.submit(body, view), _SORRY))

    app.action(re.compile("^cf_"))(changed)
    app.options(re.compile("^cf_"))(options)
    app.view(CALLBACK)(create)


def listen_for_homes(app: AsyncApp, homes: Homes) -> None:
    """Hand over each opening of the App Home. It is acknowledged at once, and drawn afterwards."""

    async def opened(body: dict[str, Any]) -> None:
        homes.opened(body)

    async def refresh(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        homes.pressed(pressed_of(body, action))
        await ack()

    app.event("app_home_opened")(opened)
    app.action(REFRESH)(refresh)


def listen_in_passing(app: AsyncApp, passing: Passing, unfurling: Unfurling) -> None:
    """Hand over what people say to the bot in messages, and the links that it may tell of.

    All of it is acknowledged at once, and answered afterwards.
    """

    async def mentioned(body: dict[str, Any]) -> None:
        passing.mentioned(body)

    async def said(body: dict[str, Any]) -> None:
        passing.said(body)

    async def pasted(body: dict[str, Any]) -> None:
        unfurling.pasted(body)

    app.event("app_mention")(mentioned)
    app.event("link_shared")(pasted)
    app.event("message")(said)


def listen_for_the_rest(app: AsyncApp, router: Router) -> None:
    """Answer what another version of the bot put into Slack: a button, a form, a menu, a shortcut.

    To be called last: Bolt asks its listeners in the order in which they were added.
    """
    anything = re.compile("")

    async def press(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        pressed = pressed_of(body, action)
        log.warning("press_of_another_version", action=pressed.action_id)
        router.reply_later(pressed.response_url, other_version_card())
        await ack()

    async def shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        router.reply_later(str(body.get("response_url") or ""), other_version_card())
        await ack()

    async def submit(ack: AsyncAck) -> None:
        await ack({"response_action": "update", "view": other_version_view()})

    async def nothing(ack: AsyncAck) -> None:
        await ack()

    async def no_options(ack: AsyncAck) -> None:
        await ack(options=[])

    app.action(anything)(press)
    app.shortcut(anything)(shortcut)
    app.view_submission(anything)(submit)
    app.view_closed(anything)(nothing)
    app.options(anything)(no_options)


async def _guarded_or(work: Awaitable[T], otherwise: T) -> T:
    """The same for what answers with something else than a message."""
    try:
        return await work
    except Exception:
        log.exception("form_failed")  # the process's edge, as above
        return otherwise


async def _guarded(work: Awaitable[Message | None]) -> Message | None:
    """The answer, or what went wrong, in words. Nothing raises past this: the ack must not be lost."""
    try:
        return await work
    except StoreError as error:
        log.error("not_taken_down", error=str(error))
        return cannot_take_down(in_doubt=isinstance(error, CommitUnknownError))
    except Exception:
        log.exception("listener_failed")  # the process's edge: whatever went wrong, the person is answered
        return apology()


async def _in_words(work: Awaitable[str | None]) -> str | None:
    """The same for what answers with what is wrong, as a sentence."""
    trouble: list[str] = []

    async def told() -> Message | None:
        trouble.extend(filter(None, [await work]))
        return None

    failed = await _guarded(told())
    return failed.plain if failed else next(iter(trouble), None)


def _at_the_field(trouble: str | None) -> dict[str, Any]:
    """The ack of a form with one field: closed, or told what is wrong."""
    return {"response_action": "errors", "errors": {FIELD: trouble}} if trouble else {}


def asked(command: Mapping[str, Any]) -> AskedBy:
    """Who asks, and where the answer goes, from Slack's form."""
    return AskedBy(
        user_id=str(command.get("user_id", "")),
        team_id=str(command.get("team_id", "")),
        enterprise_id=command.get("enterprise_id") or None,
        channel_id=str(command.get("channel_id", "")),
        trigger_id=str(command.get("trigger_id", "")) or None,
        response_url=str(command.get("response_url", "")),
    )


def _said(body: Mapping[str, Any], view: Mapping[str, Any]) -> tuple[str, str, str]:
    """The operation, the person and their words, from a submitted form."""
    values = (view.get("state") or {}).get("values") or {}
    text = ((values.get(FIELD) or {}).get(FIELD) or {}).get("value") or ""
    user = body.get("user") or {}
    return str(view.get("private_metadata") or ""), str(user.get("id") or ""), str(text)
