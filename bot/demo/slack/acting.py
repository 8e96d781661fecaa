"""What people do in the small Slack: talk, type commands, press, fill in forms."""

import asyncio
from typing import Any

from bot.demo.slack import payloads, talk
from bot.demo.slack.blockkit import find
from bot.demo.slack.inputs import Touch, Values, check_form, chosen, state_of
from bot.demo.slack.model import NOTICE_USER, Delivery, Json, Message, SlackError, View
from bot.demo.slack.response_urls import ResponseUrls
from bot.demo.slack.sender import Sender
from bot.demo.slack.view_methods import checked, may_push
from bot.demo.slack.world import Draft, World


class Acting:
    """People act through the `async` methods; each returns the `Delivery` with the bot's ack."""

    def __init__(self, world: World, sender: Sender) -> None:
        self.world = world
        self.sender = sender
        self.responses = ResponseUrls(world)
        self.deliveries = 2
        """How often an event of a message is delivered: Slack promises once or more."""
        self.echoes = False
        """Whether the app hears of what it posts itself, as Slack does it in direct messages. A test that
        does not wait for that says when, with `tell`."""
        self._echoing: set[asyncio.Task[Any]] = set()

    def view_of(self, user: str) -> View | None:
        """The modal that this person sees."""
        stack = self.world.open_views.get(user)
        return self.world.views[stack[-1]] if stack else None

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Post as a person. Raises `SlackError` where they may not."""
        place = self.world.channel_for(channel, user)
        self.world.may_post(place, user)
        draft = Draft(text=text, thread_ts=thread_ts)
        draft.check()
        return self.world.post(place, user, draft)

    async def talk(
        self, user: str, channel: str, typed: str, thread_ts: str | None = None
    ) -> tuple[Message, list[Delivery]]:
        """Write a message, with `@Name` and addresses as people type them. The app hears of it as often as
        `deliveries` says. Raises `SlackError` where they may not."""
        message = self.say(user, channel, talk.kept(typed, self.world.people), thread_ts)
        return message, await self.tell(message)

    async def tell(self, message: Message) -> list[Delivery]:
        """Deliver the events of a message that is there; the same one again is a retry."""
        place, author = self.world.channels[message.channel], self.world.people[message.user]
        found: list[Delivery] = []
        for inner in talk.events_of(message, place, author):
            first = await self.event(inner)
            found += [first, *[await self.redeliver(first, again) for again in range(1, self.deliveries)]]
        return found

    def echo(self, channel: str, ts: str) -> None:
        """Let the app hear of its own message."""
        message = self.world.find(channel, ts)
        if self.echoes and message:
            task = asyncio.create_task(self.tell(message))
            self._echoing.add(task)
            task.add_done_callback(self._echoing.discard)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Type a slash command. What the ack says, or that it failed, is shown to that person."""
        place = self.world.channel_for(channel, user)
        if user not in place.members:
            raise SlackError("not_in_channel")
        payload = payloads.slash_command(self.world, user, place, (command, text))
        payload["response_url"] = self.responses.new(user, place.id)
        delivery = await self.sender.send("slash_commands", payload)
        if delivery.problem:
            self.notice(user, place.id, f"{command} failed with the error {delivery.problem}")
        elif delivery.body:
            self._show_ack(user, place.id, command, delivery.body)
        return delivery

    def _show_ack(self, user: str, channel: str, command: str, body: Any) -> None:
        reply = body if isinstance(body, dict) else {"text": str(body)}
        try:
            self.responses.show(user, channel, reply)
        except SlackError as error:
            self.notice(user, channel, f"{command} failed with the error {error.error}")

    def notice(self, user: str, channel: str, text: str) -> None:
        """The chat itself tells one person something."""
        self.world.post(
            self.world.channels[channel], NOTICE_USER, Draft(text=text, mrkdwn=False), only_for=user
        )

    async def press(
        self, user: str, on: Message | View, action_id: str, *, value: Any = None, block_id: str | None = None
    ) -> Delivery:
        """Press a button or choose in a message, a modal or a Home tab.

        `value` is the option's value, an id, or a list of them; for a button it forges another value. A copy
        that was taken earlier presses the message as it was then. Raises `LookupError` if there is no such
        element, `PermissionError` if this person cannot see it, `ValueError` for an option that is not there.
        """
        return await self.touch(user, on, Touch(action_id, block_id, value))

    async def choose(self, user: str, on: Message | View, action_id: str, value: str) -> Delivery:
        """Open a menu ("⋯") or a select, and choose the option with this value."""
        return await self.touch(user, on, Touch(action_id, None, value))

    async def touch(self, user: str, on: Message | View, touch: Touch) -> Delivery:
        """The same, with what else is filled in there."""
        blocks = self._blocks(user, on)
        block, element = find(blocks, touch.action_id, touch.block_id)
        place, values = block["block_id"], touch.values
        if element["type"] == "button":
            what: Json = {} if touch.value is None else {"value": touch.value}
        else:
            what = chosen(element, touch.value, self.world.loaded.get(touch.action_id, ()))
            values = {**values, place: {**values.get(place, {}), touch.action_id: touch.value}}
        state = state_of(blocks, values, self.world.loaded)
        if isinstance(on, View):
            payload = payloads.in_view(self.world, user, on, state)
        else:
            original = self.world.find(on.channel, on.ts, only_for=on.only_for)
            response_url = self.responses.new(user, on.channel, original)
            beside = _attachment_with(on, place)
            payload = payloads.in_message(self.world, user, on, state, beside)
            payload["response_url"] = response_url
        payload["actions"] = [payloads.action(self.world, place, element, what)]
        return await self.sender.send("interactive", payload)

    def _blocks(self, user: str, on: Message | View) -> list[Json]:
        if isinstance(on, View):
            allowed, blocks = on.user == user, list(on.body["blocks"])
        else:
            inside = user in self.world.channels[on.channel].members
            allowed = inside and on.only_for in (None, user)
            blocks = on.all_blocks
        if not allowed:
            msg = "this person does not see that"
            raise PermissionError(msg)
        return blocks

    async def options(
        self, user: str, on: Message | View, action_id: str, text: str = "", *, block_id: str | None = None
    ) -> list[Json]:
        """Type into a select that asks the bot for its options; the options as the bot gave them."""
        block, _ = find(self._blocks(user, on), action_id, block_id)
        place: Json = {"block_id": block["block_id"], "action_id": action_id}
        place |= {"view": on.json()} if isinstance(on, View) else {"message": on.json()}
        payload = payloads.block_suggestion(self.world, user, text, place)
        delivery = await self.sender.send("interactive", payload)
        body = delivery.body if delivery.ok and isinstance(delivery.body, dict) else {}
        groups: list[Json] = body.get("option_groups", [])
        options: list[Json] = [*body.get("options", ()), *(o for group in groups for o in group["options"])]
        known = {option["value"]: option for option in [*self.world.loaded.get(action_id, ()), *options]}
        self.world.loaded[action_id] = list(known.values())
        return options

    async def submit(self, user: str, values: Values | None = None, view: View | None = None) -> Delivery:
        """Submit the modal that this person sees. Raises `FormError` for what the chat itself refuses,
        `LookupError` if no modal is open. What the ack wants is done: errors leave the modal open."""
        shown = view or self.view_of(user)
        if shown is None:
            msg = "no modal is open"
            raise LookupError(msg)
        state = state_of(shown.body["blocks"], values or {}, self.world.loaded)
        check_form(shown, state)
        delivery = await self.sender.send(
            "interactive", payloads.view_submission(self.world, user, shown, state)
        )
        if delivery.ok:
            self._after_submit(shown, delivery.body)
        return delivery

    def _after_submit(self, view: View, body: Any) -> None:
        reply: Json = body if isinstance(body, dict) else {}
        match reply.get("response_action"):
            case "errors":
                return
            case "update":
                self.world.show_view(view.user, checked(reply.get("view"), "modal"), instead_of=view)
            case "push":
                may_push(self.world, view.user)
                self.world.show_view(view.user, checked(reply.get("view"), "modal"), on_top=True)
            case action:
                self.world.close_view(view, everything=action == "clear")

    async def close(self, user: str, view: View | None = None) -> Delivery | None:
        """Close the modal that this person sees; the bot is told if it asked to be."""
        shown = view or self.view_of(user)
        if shown is None:
            return None
        everything = bool(shown.body.get("clear_on_close"))
        payload = payloads.view_closed(self.world, user, shown, everything)
        self.world.close_view(shown, everything=everything)
        if not shown.body.get("notify_on_close"):
            return None
        return await self.sender.send("interactive", payload)

    async def shortcut(self, user: str, message: Message, callback_id: str) -> Delivery:
        """Use a message shortcut. Raises `PermissionError` where there is none: on a message that this person
        cannot see, and on ephemeral ones."""
        if message.only_for or user not in self.world.channels[message.channel].members:
            msg = "this person has no shortcuts there"
            raise PermissionError(msg)
        payload = payloads.message_action(self.world, user, message, callback_id)
        payload["response_url"] = self.responses.new(user, message.channel)
        return await self.sender.send("interactive", payload)

    async def open_home(self, user: str) -> Delivery:
        """Open the app's Home tab."""
        inner: Json = {"type": "app_home_opened", "user": user, "tab": "home", "channel": f"D{user[1:]}"}
        if home := self.world.homes.get(user):
            inner["view"] = home.json()
        return await self.event(inner)

    async def event(self, inner: Json) -> Delivery:
        """Deliver any event."""
        return await self.sender.send("events_api", payloads.event(self.world, inner))

    async def redeliver(self, delivery: Delivery, retry: int = 1) -> Delivery:
        """Deliver the very same payload again, signed anew; over a socket in the same envelope."""
        return await self.sender.send(
            delivery.kind, delivery.payload, retry=retry, envelope=delivery.envelope
        )


def _attachment_with(message: Message, block_id: str) -> int | None:
    """The attachment in which a block stands; `None` for one of the message's own."""
    for attachment in message.attachments:
        if any(block["block_id"] == block_id for block in attachment.get("blocks", ())):
            return int(attachment["id"])
    return None
