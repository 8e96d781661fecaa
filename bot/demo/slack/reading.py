"""What a person reads: presented blocks flattened to plain lines, for tests and for a look at a log."""

from collections.abc import Iterable, Iterator

from bot.demo.slack.model import File, Json
from bot.demo.slack.present import Presenter

LIVE = ("user", "usergroup", "broadcast", "channel", "link")


def lines(blocks: Iterable[Json]) -> Iterator[str]:
    """Lines of presented blocks; buttons and menus as `[Label]`, a divider as `—`."""
    for block in blocks:
        match block["type"]:
            case "header":
                yield block["text"]
            case "divider":
                yield "—"
            case "actions":
                yield " ".join(label(element) for element in block["elements"])
            case "context":
                yield from (line for item in block["items"] for line in _context(item))
            case "image" | "data_visualization":
                yield _picture(block)
            case "table":
                for row in block["rows"]:
                    yield "  ".join(" ".join(rich(cell)) for cell in row)
            case "input":
                yield f"{block['label']} {label(block['element'])}"
                yield from [block["hint"]] if block["hint"] else []
            case _:
                yield from _section(block)


def _picture(block: Json) -> str:
    return f"[image: {block['alt']}]" if block["type"] == "image" else f"[chart: {block['title']}]"


def _section(block: Json) -> Iterator[str]:
    yield from rich(block.get("rich", ()))
    for field in block.get("fields", ()):
        yield from rich(field)
    if accessory := block.get("accessory"):
        yield label(accessory)


def _context(item: Json) -> Iterator[str]:
    if item["type"] == "image":
        yield f"[image: {item['alt']}]"
    else:
        yield from rich(item["rich"])


def rich(parts: Iterable[Json]) -> Iterator[str]:
    """Lines of a presented rich text."""
    for part in parts:
        if part["type"] == "list":
            for number, item in enumerate(part["items"], part["first"]):
                sign = f"{number}." if part["ordered"] else "•"
                yield f"{'  ' * part['indent']}{sign} {_joined(item)}"
        else:
            yield from _joined(part["elements"]).split("\n")


def _joined(elements: Iterable[Json]) -> str:
    return "".join(element["text"] for element in elements)


def file(shared: File) -> str:
    """A shared file as `[file: name]`, a picture as `[image: what it shows]`."""
    shows = shared.alt_text or shared.name
    return f"[image: {shows}]" if shared.is_picture else f"[file: {shared.name}]"


def label(element: Json) -> str:
    """An element as `[Label]`; a menu with its choices."""
    if element["type"] == "image":
        return f"[image: {element['alt']}]"
    if element["type"] in ("overflow", "checkboxes", "radio_buttons"):
        return f"[{element['label'] or '⋯'}: {' | '.join(option['text'] for option in element['options'])}]"
    return f"[{element['label']}]"


def live_markup(presenter: Presenter, blocks: Iterable[Json]) -> list[str]:
    """Everything in raw blocks that a text made live, as `kind words`: mentions, broadcasts, links."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") in LIVE:
                target = f" → {value['url']}" if value.get("url") else ""
                found.append(f"{value['type']} {value['text']}{target}")
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(presenter.blocks(blocks))
    return found
