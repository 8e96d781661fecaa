"""The small Slack: its state, what people do in it, and what a test may ask of it."""

import copy

from bot.clock import Clock
from bot.demo.slack import reading
from bot.demo.slack.acting import Acting
from bot.demo.slack.faults import Fault, Faults, How, RateLimits
from bot.demo.slack.model import Call, Channel, Json, Message, Person, View
from bot.demo.slack.sender import Sender
from bot.demo.slack.sockets import Sockets
from bot.demo.slack.world import World


class SmallSlack(Acting):
    """One workspace in memory. Serve it with `api_routes` (for the bot) and `demo_routes` (for a page).

    What people do there is in `Acting`; each such method returns the `Delivery` with the bot's ack.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        bot_token: str = "xoxb-small-slack",  # noqa: S107 - good for this stand-in only
        app_token: str = "xapp-small-slack",  # noqa: S107 - the same
        signing_secret: str = "small-slack-signing-secret",  # noqa: S107 - the same
    ) -> None:
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        self.clock = clock
        self.sockets = Sockets()
        super().__init__(World(clock), Sender(clock, signing_secret, self.sockets))
        self.token_refused: str | None = None
        """The code that every method refuses the bot's token with, such as `invalid_auth`, while it does."""
        self.calls: list[Call] = []
        """Every call of the bot, oldest first."""
        self.has_home = False
        """Whether the page offers the app's Home tab."""
        self.faults = Faults()
        self.limits = RateLimits(clock)

    # set-up

    def connect(self, *, public_url: str, events_url: str | None = None, page_url: str | None = None) -> None:
        """Say where this is reachable (the bot's `SLACK_API_URL` is `public_url` + `/api/`), where the bot
        listens, and where the page is (for permalinks)."""
        self.world.public_url = public_url.rstrip("/")
        self.world.page_url = (page_url or public_url).rstrip("/")
        self.sender.url = events_url or self.sender.url

    def stop(self) -> None:
        """End the streams and the calls that hang; call it before the server shuts down."""
        self.world.changes.stop()

    async def aclose(self) -> None:
        self.stop()
        await self.sender.aclose()

    @property
    def people(self) -> dict[str, Person]:
        return self.world.people

    @property
    def channels(self) -> dict[str, Channel]:
        return self.world.channels

    def fail(
        self,
        method: str,
        *,
        error: str = "",
        status: int = 0,
        how: How | None = None,
        times: int | None = 1,
        about: str | None = None,
        block: str | None = None,
    ) -> None:
        """Make the next `times` calls of `method` fail (`None`: until `faults.heal()`).

        `error`: an `ok: false`. `status`: an HTTP status, e.g. 503. `how`: `hang` (no answer until the caller
        goes), `lose` (it is done, and the answer is cut off), `garbage` (no JSON). `about`: only calls
        that have this value among their arguments. `block`: only messages that have a block of this type.
        """
        kind: How = how or ("error" if error else "status")
        status = status or 500
        self.faults.add(
            Fault(method=method, how=kind, error=error, status=status, times=times, about=about, block=block)
        )

    def slow_down(self, method: str, retry_after: int = 1, times: int | None = 1) -> None:
        """Answer the next `times` calls of `method` with 429 and `Retry-After`."""
        self.faults.add(Fault(method=method, how="status", status=429, retry_after=retry_after, times=times))

    def go_down(self, *, status: int = 503, how: How | None = None) -> None:
        """From now on every call fails, uploads and `response_url` too, until `come_back`."""
        self.fail("*", status=status, how=how, times=None)

    def come_back(self) -> None:
        """All is well again; every other fault is forgotten too."""
        self.faults.heal()

    # what a test reads

    def calls_to(self, *methods: str) -> list[Call]:
        """The calls of these methods, oldest first."""
        return [call for call in self.calls if call.method in methods]

    def messages(
        self, channel: str, as_user: str | None = None, *, thread: str | None = None
    ) -> list[Message]:
        """Copies of what is in a channel, oldest first, as it is now: whatever is edited is replaced.

        With `as_user` what that person sees there, their ephemeral messages included; without, everything
        that is not ephemeral. With `thread` only the replies below that message.
        """
        shown = self.world.seen_by(as_user) if as_user else [m for m in self.world.messages if not m.only_for]
        inside = [m for m in shown if m.channel == channel and thread in (None, m.thread_ts)]
        return [copy.copy(message) for message in inside]

    def ephemeral_for(self, user: str) -> list[Message]:
        """Copies of all messages that only this person sees, oldest first."""
        return [copy.copy(message) for message in self.world.messages if message.only_for == user]

    def heard(self, user: str) -> list[Message]:
        """Copies of the messages that notified this person when they were posted, oldest first."""
        return [copy.copy(message) for message in self.world.messages if user in message.notified]

    def visible_text(self, message: Message | View, as_user: str | None = None) -> str:
        """What a person reads: plain lines, buttons as `[Label]`; times in that person's zone, else UTC."""
        presenter = self.world.presenter(as_user)
        if isinstance(message, View):
            view = presenter.view(message.body)
            ends = [f"[{view[name]}]" for name in ("submit", "close") if view[name]]
            return "\n".join([view["title"], *reading.lines(view["blocks"]), *ends]).strip()
        blocks, attachments = presenter.message(message)
        lines = [*reading.lines(blocks), *(line for a in attachments for line in reading.lines(a["blocks"]))]
        return "\n".join([*lines, *(reading.file(file) for file in message.files)])

    def live_markup(self, message: Message) -> list[str]:
        """Every mention, broadcast and link that is live in a message, also in its `text`."""
        presenter = self.world.presenter()
        kind = "mrkdwn" if message.mrkdwn else "plain_text"
        text: Json = {"type": "section", "text": {"type": kind, "text": message.text}}
        return reading.live_markup(presenter, [text, *message.all_blocks])
