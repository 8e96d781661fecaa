"""Whatever is written, the page shows it as text."""

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from bot.demo.slack.model import PNG, File
from bot.demo.slack.people import ANA, BEN, DB_MOVES
from bot.demo.slack.world import Draft
from tests.demo.page import kit
from tests.demo.page.conftest import Demo

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"\'><b>x</b>'
ESCAPED = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
SHORT = "<img src=x onerror=pwned=1>"
LIVE = """() => ({
  pwned: window.pwned ?? null,
  scripts: [...document.scripts].filter((one) => !one.src.endsWith("/page/app.js")).length,
  handlers: [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes])
    .filter((one) => one.name.startsWith("on")).length,
  frames: document.querySelectorAll("iframe, object, embed, b").length,
  images: [...document.images].filter((one) => one.getAttribute("src") === "x").length,
  links: [...document.links].filter((one) => !/^(https?|mailto|tel):/.test(one.href)).length,
})"""
NOTHING = {"pwned": None, "scripts": 0, "handlers": 0, "frames": 0, "images": 0, "links": 0}
BLOCKS = [
    kit.section(ESCAPED, fields=[kit.mrkdwn(ESCAPED), kit.plain(EVIL)]),
    kit.section(EVIL),
    kit.section(f"*{ESCAPED}* _{ESCAPED}_ ~{ESCAPED}~ `{ESCAPED}`\n```{ESCAPED}```\n> {ESCAPED}"),
    kit.section(
        "<javascript:window.pwned=1|click> <data:text/html,x|click> <https://example.com|" + ESCAPED + ">"
    ),
    kit.section(f"<@{SHORT[1:-1]}> <!date^1700000000^{{time}} {ESCAPED}|x>"),
    {"type": "header", "text": kit.plain(EVIL)},
    {"type": "divider"},
    {"type": "context", "elements": [kit.mrkdwn(ESCAPED), kit.plain(EVIL)]},
    {"type": "image", "image_url": "/page/icon.svg", "alt_text": EVIL, "title": kit.plain(EVIL)},
    {"type": "markdown", "text": EVIL},
    {"type": "table", "rows": [[{"type": "raw_text", "text": EVIL}], [{"type": "raw_text", "text": EVIL}]]},
    kit.rich(
        kit.line(
            kit.text(EVIL),
            kit.text(EVIL, bold=True, italic=True, strike=True, code=True),
            {"type": "link", "url": "javascript:window.pwned=1", "text": EVIL},
            {"type": "link", "url": 'https://example.com/"onclick=x', "text": EVIL},
            {"type": "user", "user_id": EVIL},
            {"type": "usergroup", "usergroup_id": EVIL},
            {"type": "channel", "channel_id": EVIL},
            {"type": "emoji", "name": EVIL},
            {"type": "date", "timestamp": 1_700_000_000, "format": EVIL, "fallback": EVIL},
            {"type": "color", "value": SHORT[:20]},
        ),
        kit.preformatted(EVIL),
        {"type": "rich_text_quote", "elements": [kit.text(EVIL)]},
        {"type": "rich_text_list", "style": "ordered", "elements": [kit.line(kit.text(EVIL))]},
    ),
    kit.actions(
        kit.button(SHORT, SHORT, confirm=kit.confirm(ESCAPED) | {"title": kit.plain(EVIL)}),
        kit.button("Away", "away", url="javascript:window.pwned=1"),
        {"type": "overflow", "action_id": "more", "options": [kit.option(SHORT, EVIL)]},
        {"type": "static_select", "action_id": "one", "options": [kit.option(SHORT, EVIL)]},
        {"type": "users_select", "action_id": "who", "placeholder": kit.plain(SHORT)},
    ),
]
FORM = [
    {"type": "alert", "text": kit.plain(EVIL), "level": "warning"},
    kit.field(
        "name", {"type": "plain_text_input", "placeholder": kit.plain(SHORT)}, EVIL, hint=kit.plain(EVIL)
    ),
    kit.field("one", {"type": "static_select", "options": [kit.option(SHORT, EVIL)]}, EVIL),
    kit.field("many", {"type": "multi_static_select", "options": [kit.option(SHORT, EVIL)]}, EVIL),
    kit.field("ext", {"type": "external_select", "min_query_length": 0}, EVIL),
    kit.field("boxes", {"type": "checkboxes", "options": [kit.option(SHORT, EVIL)]}, EVIL),
    kit.field("radio", {"type": "radio_buttons", "options": [kit.option(SHORT, EVIL)]}, EVIL),
]


async def _panel(_: Request) -> JSONResponse:
    workflow = {"database": SHORT, "number": 3, "name": EVIL, "state": EVIL, "percent": 41, "actions": [EVIL]}
    trouble = {"id": EVIL, "label": EVIL, "help": EVIL, "kind": "once", "on": False}
    troubles = [trouble | {"scope": scope} for scope in ("api", "workflow")]
    now = "2026-11-23T02:14:00Z"
    return JSONResponse(
        {"now": now, "speed": 1, "workflows": [workflow], "troubles": troubles, "free": [EVIL]}
    )


@pytest.fixture
def routes() -> list[BaseRoute]:
    return [Route("/demo/simulator", _panel)]


async def nothing_is_live(page: Page) -> None:
    assert await page.evaluate(LIVE) == NOTHING


async def test_no_block_becomes_markup(demo: Demo) -> None:
    """Hostile texts in every kind of block, in names and files, are shown letter by letter."""
    world = demo.slack.world
    world.people[BEN] = replace(world.people[BEN], name=EVIL)
    world.channels[DB_MOVES].name = EVIL
    world.channels[DB_MOVES].topic = EVIL
    demo.slack.say(BEN, DB_MOVES, EVIL)
    attached = [{"color": "#e01e5a", "blocks": [block]} for block in BLOCKS]
    cards = [demo.post(block, attachments=[also]) for block, also in zip(BLOCKS, attached, strict=True)]
    below = world.post(world.channels[DB_MOVES], BEN, Draft(text=EVIL, thread_ts=cards[-1].ts))
    picture = File(id="F2", name=EVIL, title=EVIL, length=8, alt_text=EVIL, content=PNG)
    below.files = [File(id="F1", name=EVIL, title=EVIL, length=3, content=b"x"), picture]
    page = await demo.open()
    await expect(page.locator("#messages .message")).to_have_count(len(BLOCKS) + 1)
    for shown in ("h3.block.header", ".block.markdown, .block.rich_text", "#place", "th", "pre"):
        await expect(page.locator(shown).filter(has_text=EVIL).first).to_be_visible()
    await page.get_by_role("button", name=SHORT).first.click()
    await expect(page.locator("dialog h2")).to_have_text(EVIL)
    await nothing_is_live(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="1 reply").click()
    await expect(page.locator("#thread .file")).to_contain_text(EVIL)
    await expect(page.locator("#thread .picture figcaption")).to_have_text(EVIL)
    await page.get_by_role("button", name="Simulator", exact=True).click()
    await page.locator("#panel .workflow").click()
    await expect(page.locator("#panel .details")).to_contain_text(EVIL)
    await expect(page.locator("#panel .happen")).to_contain_text(f"create in {EVIL}")
    await nothing_is_live(page)


async def test_no_form_becomes_markup(demo: Demo) -> None:
    """Hostile labels, options and errors of a form are text too."""
    page = await demo.open()
    demo.bot.answer = {"options": [kit.option(SHORT, EVIL)]}
    demo.slack.world.show_view(ANA, kit.modal(*FORM, title=kit.plain("<img src=x onerror=a>")))
    form = page.locator("dialog.form")
    await expect(form.locator(".picker label")).to_have_count(2)
    await form.locator(".picker label").first.click()
    await expect(form.locator(".tag")).to_have_text(f"{SHORT} ✕")
    await form.get_by_role("button", name="Go").click()
    await expect(form.locator(".field-error").first).to_be_visible()
    await nothing_is_live(page)
