"""The shape of `rich_text` blocks. Source: docs.slack.dev, the rich text block."""

from bot.demo.slack.schema import Check, Shape, flag, many, string, typed, whole, word

STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
STYLE = Shape(dict.fromkeys(STYLES, flag))
STYLED: dict[str, Check] = {"style": STYLE}
INLINE: dict[str, Shape] = {
    "text": Shape(STYLED | {"text": string(13_000)}, ("text",)),
    "link": Shape(STYLED | {"url": string(3000), "text": string(13_000, 0), "unsafe": flag}, ("url",)),
    "user": Shape(STYLED | {"user_id": string(255)}, ("user_id",)),
    "usergroup": Shape(STYLED | {"usergroup_id": string(255)}, ("usergroup_id",)),
    "channel": Shape(STYLED | {"channel_id": string(255)}, ("channel_id",)),
    "emoji": Shape(
        STYLED | {"name": string(255), "unicode": string(255), "skin_tone": whole(2, 6)}, ("name",)
    ),
    "date": Shape(
        STYLED
        | {
            "timestamp": whole(0, 2**40),
            "format": string(255),
            "url": string(3000),
            "fallback": string(255),
        },
        ("timestamp", "format"),
    ),
    "broadcast": Shape(STYLED | {"range": word("here", "channel", "everyone")}, ("range",)),
    "color": Shape(STYLED | {"value": string(20)}, ("value",)),
}
ELEMENTS = many(typed(INLINE), 1000, 0)
SECTION = Shape({"elements": ELEMENTS}, ("elements",))
PARTS: dict[str, Shape] = {
    "rich_text_section": SECTION,
    "rich_text_preformatted": Shape(
        {
            "elements": many(typed(INLINE, "text", "link"), 1000, 0),
            "border": whole(0, 1),
            "language": string(50),
        },
        ("elements",),
    ),
    "rich_text_quote": Shape({"elements": ELEMENTS, "border": whole(0, 1)}, ("elements",)),
    "rich_text_list": Shape(
        {
            "elements": many(typed({"rich_text_section": SECTION}), 1000),
            "style": word("bullet", "ordered"),
            "indent": whole(0, 8),
            "offset": whole(0, 1000),
            "border": whole(0, 1),
        },
        ("elements", "style"),
    ),
}
RICH_TEXT = Shape({"block_id": string(255), "elements": many(typed(PARTS), 1000)}, ("elements",))
