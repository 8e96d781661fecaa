"""Blocks as one reader sees them: names and moments in words, texts in one form that a page only draws."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.demo.slack.model import Json, Message
from bot.demo.slack.mrkdwn import SAFE_URL, parse
from bot.demo.slack.words import Words

PARTS = {
    "rich_text_section": "section",
    "rich_text_preformatted": "preformatted",
    "rich_text_quote": "quote",
    "rich_text_list": "list",
}


@dataclass(frozen=True, slots=True)
class Presenter:
    """Presents blocks with the words of one reader."""

    words: Words

    def message(self, message: Message) -> tuple[list[Json], list[Json]]:
        """The blocks of a message, and its attachments (each a colour and blocks).

        Without blocks the text is shown; with blocks it is only for notifications.
        """
        attachments = [
            {"color": attachment.get("color"), "blocks": self.blocks(self._attached(attachment))}
            for attachment in message.attachments
        ]
        if message.blocks or (message.attachments and not message.text):
            return self.blocks(message.blocks), attachments
        kind = "mrkdwn" if message.mrkdwn else "plain_text"
        body = [{"type": "section", "text": {"type": kind, "text": message.text}}] if message.text else []
        return self.blocks(body), attachments

    @staticmethod
    def _attached(attachment: Json) -> list[Json]:
        text = attachment.get("text")
        own: list[Json] = attachment.get("blocks") or []
        return own or ([{"type": "section", "text": {"type": "mrkdwn", "text": text}}] if text else [])

    def blocks(self, blocks: Iterable[Json]) -> list[Json]:
        return [self._block(block) for block in blocks]

    def _block(self, block: Json) -> Json:
        own: Json = {"type": block["type"], "block_id": block.get("block_id", "")}
        match block["type"]:
            case "section" | "alert" | "markdown" | "rich_text" | "header":
                own |= self._texts(block)
            case "context":
                own["items"] = [self._context(item) for item in block["elements"]]
            case "actions":
                own["elements"] = [self._element(item, own["block_id"]) for item in block["elements"]]
            case "image":
                title = (block.get("title") or {}).get("text", "")
                own |= {"url": block["image_url"], "alt": block["alt_text"], "title": title}
            case "table":
                own["rows"] = [[self._cell(cell) for cell in row] for row in block["rows"]]
                own["columns"] = [_column(settings) for settings in block.get("column_settings") or ()]
            case "data_visualization":
                own |= {"title": block["title"], "chart": block["chart"]}
            case "input":
                own |= self._input(block)
        return own

    def _texts(self, block: Json) -> Json:
        match block["type"]:
            case "header":
                return {"text": block["text"]["text"]}
            case "rich_text":
                return {"rich": [self._part(part) for part in block["elements"]]}
            case "markdown":
                return {"type": "rich_text", "rich": self._plain(block["text"])}
            case "alert":
                return {"level": block.get("level", "default"), "rich": self.text(block["text"])}
        own: Json = {"rich": self.text(block.get("text"))}
        own["fields"] = [self.text(field) for field in block.get("fields", ())]
        if accessory := block.get("accessory"):
            own["accessory"] = self._element(accessory, block.get("block_id", ""))
        return own

    def _input(self, block: Json) -> Json:
        return {
            "label": block["label"]["text"],
            "hint": (block.get("hint") or {}).get("text", ""),
            "optional": bool(block.get("optional")),
            "dispatch": bool(block.get("dispatch_action")),
            "element": self._element(block["element"], block.get("block_id", "")),
        }

    def text(self, text: Json | None) -> list[Json]:
        """A text object as the parts of a rich text."""
        if not text:
            return []
        if text["type"] == "plain_text":
            return self._plain(text["text"])
        return [self._part(part) for part in parse(text["text"], verbatim=bool(text.get("verbatim")))]

    def _plain(self, text: str) -> list[Json]:
        return [{"type": "section", "elements": [{"type": "text", "text": text}]}]

    def _part(self, part: Json) -> Json:
        kind = PARTS[part["type"]]
        if kind != "list":
            return {"type": kind, "elements": [self._inline(element) for element in part["elements"]]}
        items = [[self._inline(element) for element in item["elements"]] for item in part["elements"]]
        ordered = part["style"] == "ordered"
        first = int(part.get("offset", 0)) + 1
        return {
            "type": kind,
            "ordered": ordered,
            "first": first,
            "indent": part.get("indent", 0),
            "items": items,
        }

    def _inline(self, element: Json) -> Json:
        own: Json = {"type": element["type"], "text": self.words.of(element)}
        if self.words.reader and element.get("user_id") == self.words.reader:
            own["me"] = True
        if style := element.get("style"):
            own["style"] = [name for name, on in style.items() if on]
        if (url := element.get("url")) and SAFE_URL.fullmatch(url):
            own["url"] = url
        return own

    def _context(self, item: Json) -> Json:
        if item["type"] == "image":
            return {"type": "image", "url": item["image_url"], "alt": item["alt_text"]}
        return {"type": "text", "rich": self.text(item)}

    def _cell(self, cell: Json) -> list[Json]:
        if cell["type"] == "rich_text":
            return [self._part(part) for part in cell["elements"]]
        return self._plain(cell["text"])

    def _element(self, element: Json, block_id: str) -> Json:
        if element["type"] == "image":
            return {"type": "image", "url": element["image_url"], "alt": element["alt_text"]}
        own: Json = {"type": element["type"], "block_id": block_id, "action_id": element.get("action_id", "")}
        own["label"] = (element.get("text") or element.get("placeholder") or {}).get("text", "")
        own["options"] = [self._option(option) for option in element.get("options", ())]
        own["groups"] = [
            {
                "label": group["label"]["text"],
                "options": [self._option(option) for option in group["options"]],
            }
            for group in element.get("option_groups", ())
        ]
        own["initial"] = initial(element)
        for name in ("style", "multiline", "min_length", "max_length", "min_query_length"):
            if name in element:
                own[name] = element[name]
        if (url := element.get("url")) and SAFE_URL.fullmatch(url):
            own["url"] = url
        if confirm := element.get("confirm"):
            own["confirm"] = {name: confirm[name]["text"] for name in ("title", "confirm", "deny")} | {
                "rich": self.text(confirm["text"]),
                "style": confirm.get("style", "primary"),
            }
        return own

    def _option(self, option: Json) -> Json:
        description = option.get("description")
        return {
            "text": option["text"]["text"],
            "value": option["value"],
            "description": description["text"] if description else "",
        }

    def view(self, body: Json) -> Json:
        """A modal or a Home tab."""
        labels = {name: (body.get(name) or {}).get("text", "") for name in ("title", "submit", "close")}
        return {"type": body["type"], "blocks": self.blocks(body["blocks"])} | labels


def initial(element: Json) -> Any:
    """What an element holds before anybody touched it: a text, an id, or the values of options."""
    for name in ("initial_value", "initial_user", "initial_conversation", "initial_channel"):
        if name in element:
            return element[name]
    for name in ("initial_date", "initial_time", "initial_users"):
        if name in element:
            return element[name]
    if "initial_option" in element:
        return element["initial_option"]["value"]
    return [option["value"] for option in element.get("initial_options", ())] or None


def _column(settings: object) -> Json:
    """How the cells of a column stand; Slack does not wrap them unless it is told to."""
    told = settings if isinstance(settings, dict) else {}
    return {"wrapped": bool(told.get("is_wrapped")), "right": told.get("align") == "right"}
