"""What people can do on the page, in a real browser."""

import base64

import pytest
from playwright.async_api import Locator, Page, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.people import ANA, BEN, DB_MOVES, OLU, RANDOM
from tests.demo.page import kit
from tests.demo.page.conftest import Demo

pytestmark = pytest.mark.asyncio(loop_scope="session")

BARS = """\
▓▓▓▓▓▓▓▓░░░░░░░░░░░░  about 412 M of 1.01 B rows
orders      ▓▓▓▓▓▓░░░░  61 %  about 380 M of 620 M
line_items  ░░░░░░░░░░   8 %  about 32 M of 390 M
prices      ▓▓▓▓▓▓▓▓▓▓ 100 %  about 210 M of 210 M"""
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
"""A picture of one dot."""
LONG = "a_table_with_a_very_long_name_" * 8


async def test_two_people_see_the_same_at_once(demo: Demo) -> None:
    """What one person writes the other reads without reloading; an ephemeral message has one reader."""
    ana, ben = await demo.open(ANA), await demo.open(BEN)
    await ana.get_by_role("combobox", name="Message #db-moves").fill("hello Ben")
    await ana.keyboard.press("Enter")
    for page in (ana, ben):
        await expect(page.get_by_role("log").get_by_text("hello Ben")).to_be_visible()
    demo.post(kit.section("for Ana alone"), only_for=ANA)
    demo.post(kit.section("for all"))
    await expect(ben.get_by_text("for all")).to_be_visible()
    await expect(ana.get_by_text("Only visible to you")).to_be_visible()
    await expect(ben.get_by_text("for Ana alone")).to_have_count(0)
    await ana.get_by_role("button", name="Dismiss").click()
    await expect(ana.get_by_text("for Ana alone")).to_have_count(0)


async def test_who_one_is(demo: Demo) -> None:
    """Guests and outsiders are labelled; switching shows that person's channels."""
    page = await demo.open()
    await expect(page.get_by_role("button", name="Gil guest")).to_be_visible()
    await page.get_by_role("button", name="Olu other company").click()
    await expect(page.locator("#channels button")).to_have_count(2)
    await expect(page.get_by_role("heading", name="# with-other")).to_be_visible()
    await page.get_by_role("combobox").fill("hello from Other")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message")).to_contain_text(["other company"])
    assert demo.slack.messages("C0SHARED")[0].user == OLU


async def test_a_press_asks_first_where_it_should(demo: Demo) -> None:
    """A button with a question is pressed only when the question is answered with yes."""
    demo.post(kit.actions(kit.button("Approve", "approve", style="primary", confirm=kit.confirm())))
    page = await demo.open(BEN)
    approve = page.get_by_role("button", name="Approve", exact=True)
    for answer in ("Go back", "Escape"):
        await approve.click()
        question = page.get_by_role("dialog", name="Switch primaries now?")
        await expect(question).to_be_visible()
        await (
            page.keyboard.press(answer)
            if answer == "Escape"
            else page.get_by_role("button", name=answer).click()
        )
        await expect(question).to_have_count(0)
    assert demo.bot.payloads == []
    await approve.click()
    await page.get_by_role("button", name="Approve and switch").click()
    payload = await demo.bot.until(1)
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", BEN)
    assert (payload["actions"][0]["action_id"], payload["actions"][0]["value"]) == ("approve", "7f3")


async def test_a_press_that_fails_is_said(demo: Demo) -> None:
    """When the app does not take a press, the page says so beside the button, which can be pressed again."""
    demo.post(kit.actions(kit.button("Deny", "deny")))
    demo.bot.status = 500
    page = await demo.open()
    await page.get_by_role("button", name="Deny").click()
    await expect(page.get_by_role("alert")).to_have_text("The app could not be reached. Try again?")
    demo.bot.status = 200
    await page.get_by_role("button", name="Deny").click()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_menus_and_selects(demo: Demo) -> None:
    """A menu works with the keyboard, selects send what was chosen."""
    choices = [kit.option("Stop watching", "stop"), kit.option("Bring to the bottom", "bring")]
    menu = {"type": "overflow", "action_id": "menu", "options": choices}
    one = {"type": "static_select", "action_id": "one", "options": choices, "placeholder": kit.plain("Which")}
    who = {"type": "users_select", "action_id": "who", "placeholder": kit.plain("Ask someone")}
    demo.post(kit.actions(menu, one, who))
    page = await demo.open()
    await page.get_by_role("button", name="More", exact=True).press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert (await demo.bot.until(1))["actions"][0]["selected_option"]["value"] == "bring"
    await page.get_by_label("Which").select_option("stop")
    assert (await demo.bot.until(2))["actions"][0]["selected_option"]["value"] == "stop"
    await page.get_by_label("Ask someone").select_option(label="Ben")
    assert (await demo.bot.until(3))["actions"][0]["selected_user"] == BEN


async def test_a_form_with_its_errors(demo: Demo) -> None:
    """A form opens by itself, keeps what is typed while it changes, shows errors at their fields, closes."""
    page = await demo.open()
    name = kit.field("name", {"type": "plain_text_input"}, "Name")
    tables = kit.field(
        "tables", {"type": "multi_external_select", "min_query_length": 1}, "Tables", optional=True
    )
    view = demo.slack.world.show_view(ANA, kit.modal(name, tables))
    form = page.get_by_role("dialog", name="Create")
    await form.get_by_role("button", name="Go").click()
    await expect(form.locator("[data-block=name] .field-error")).to_have_text(
        "Please complete this required field."
    )
    await form.get_by_label("Name").fill("users")
    demo.slack.world.show_view(ANA, kit.modal(kit.section("Loaded"), name, tables), instead_of=view)
    await expect(form.get_by_text("Loaded")).to_be_visible()
    await expect(form.get_by_label("Name")).to_have_value("users")
    demo.bot.answer = {"options": [kit.option("orders", "orders"), kit.option("old_orders", "old")]}
    await form.get_by_label("Tables").first.fill("ord")
    await form.get_by_label("orders", exact=True).check()
    demo.bot.answer = {"response_action": "errors", "errors": {"name": "Taken."}}
    await form.get_by_role("button", name="Go").click()
    await expect(form.locator("[data-block=name] .field-error")).to_have_text("Taken.")
    await expect(form.get_by_label("Name")).to_be_focused()
    demo.bot.answer = None
    await form.get_by_role("button", name="Go").click()
    await expect(form).to_have_count(0)
    values = demo.bot.payloads[-1]["view"]["state"]["values"]
    assert values["name"]["name"]["value"] == "users"
    assert [chosen["value"] for chosen in values["tables"]["tables"]["selected_options"]] == ["orders"]


async def test_a_form_can_be_left(demo: Demo) -> None:
    """Escape closes a form, and the bot hears of it if it wants to."""
    page = await demo.open()
    name = kit.field("name", {"type": "plain_text_input"}, "Name")
    demo.slack.world.show_view(ANA, kit.modal(name, notify_on_close=True))
    await page.get_by_label("Name").press("Escape")
    assert (await demo.bot.until(1))["type"] == "view_closed"
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_commands_complete_themselves(demo: Demo) -> None:
    """Tab takes the first word, arrows and Enter another; every word has a sentence; then Enter sends."""
    page = await demo.open()
    box = page.get_by_role("combobox")
    await box.press_sequentially("/w")
    await expect(page.get_by_role("option")).to_have_count(1)
    await box.press("Tab")
    await expect(box).to_have_value("/workflow ")
    await box.press_sequentially("s")
    await expect(page.get_by_role("option")).to_have_count(2)
    await expect(page.locator(".completions .help").first).not_to_be_empty()
    await box.press("ArrowDown")
    await box.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("switch-traffic")
    await box.press("ArrowUp")
    await box.press("Enter")
    await expect(box).to_have_value("/workflow show ")
    await box.press_sequentially("shop 3")
    await box.press("Enter")
    assert (await demo.bot.until(1))["text"] == "show shop 3"
    await expect(box).to_have_value("")
    await box.press("ArrowUp")
    await expect(box).to_have_value("/workflow show shop 3")
    await box.press("ArrowDown")
    await expect(box).to_have_value("")


async def test_the_first_visit_has_a_hint(demo: Demo) -> None:
    """A newcomer is told what to type; pressing a suggestion sends it, and the hint goes for good."""
    page = await demo.open()
    await page.get_by_role("button", name="/workflow list shop").click()
    assert (await demo.bot.until(1))["text"] == "list shop"
    await expect(page.locator("#hint")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("combobox")).to_be_visible()
    await expect(page.locator("#hint")).to_be_hidden()


async def test_what_could_not_be_sent_is_kept(demo: Demo) -> None:
    """When sending fails, the page says why and what was typed is back in its place."""
    page = await demo.open()
    demo.slack.channels[DB_MOVES].restricted = True
    await page.get_by_role("combobox").fill("hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Only admins may post here.")).to_be_visible()
    await expect(page.get_by_role("combobox")).to_have_value("hello")


async def test_threads_open_beside(demo: Demo) -> None:
    """The count of replies opens the thread; what is written there stays there."""
    parent = demo.post(kit.section("The card"))
    demo.post(kit.section("first"), thread_ts=parent.ts)
    page = await demo.open()
    await expect(page.locator("#messages").get_by_text("first")).to_have_count(0)
    await page.get_by_role("button", name="1 reply").click()
    await expect(page.locator("#thread-messages").get_by_text("first")).to_be_visible()
    await page.get_by_role("textbox", name="Reply").fill("second")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="2 replies")).to_be_visible()
    assert demo.slack.messages(DB_MOVES)[-1].thread_ts == parent.ts
    await page.get_by_role("button", name="Close the thread").click()
    await expect(page.locator("#thread")).to_be_hidden()


async def test_a_permalink_is_followed(demo: Demo) -> None:
    """A link to a message shows that message, from another channel and from outside."""
    posted = demo.post(kit.section("here it is"))
    path = f"/archives/{DB_MOVES}/p{posted.ts.replace('.', '')}"
    demo.slack.say(BEN, RANDOM, f"look at {demo.base}{path}")
    page = await demo.open()
    await page.get_by_role("button", name="random").click()
    await page.get_by_role("log").get_by_role("link").click()
    await expect(page.locator(".entry.found")).to_contain_text("here it is")
    other = await demo.open(BEN, path)
    await expect(other.locator(".entry.found")).to_contain_text("here it is")


async def test_a_picture_is_shown(demo: Demo) -> None:
    """A picture that the app sends to somebody is shown in the message, with the words that say the same."""
    client = AsyncWebClient(token=demo.slack.bot_token, base_url=f"{demo.base}/slack/api/")
    opened = await client.conversations_open(users=ANA)
    await client.files_upload_v2(
        channel=opened["channel"]["id"], filename="shop-3.png", content=DOT, alt_txt="41 % are copied"
    )
    page = await demo.open()
    await page.locator("#channels").get_by_text("Workflow Bot").click()
    picture = page.get_by_role("img", name="41 % are copied")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") == 1


async def test_who_is_mentioned_sees_it(demo: Demo) -> None:
    """A mention of oneself stands out from those of others."""
    demo.post(kit.section(f"<@{ANA}> and <@{BEN}>: look"))
    page = await demo.open()
    await expect(page.locator(".mention.me")).to_have_text("@Ana")
    await expect(page.locator(".mention.user")).to_have_text("@Ben")


async def top(locator: Locator) -> float:
    box = await locator.bounding_box()
    assert box
    return box["y"]


async def test_an_edit_changes_only_its_message(demo: Demo) -> None:
    """While somebody reads further up, edits and new messages move nothing; the rest is not drawn anew."""
    messages = [demo.post(kit.section(f"message {number}\n" * 4)) for number in range(20)]
    page = await demo.open()
    await expect(page.locator(".message")).to_have_count(20)
    await page.evaluate("document.getElementById('scroller').scrollTop = 900")
    await page.evaluate("document.querySelectorAll('.entry').forEach((entry) => (entry.kept = true))")
    target = page.locator(".entry").nth(10)
    before = await top(target)
    demo.edit(messages[2], kit.section("much longer now\n" * 20))
    demo.post(kit.section("new at the end"))
    await expect(page.locator(".message")).to_have_count(21)
    await expect(page.locator(".entry").nth(2)).to_contain_text("(edited)")
    assert abs(await top(target) - before) <= 1
    kept = await page.evaluate(
        "[...document.querySelectorAll('.entry')].filter((entry) => entry.kept).length"
    )
    assert kept == 19


async def test_bars_stand_in_line(demo: Demo) -> None:
    """Bars of ten characters begin and end at the same place in every line, and say their share."""
    demo.post(kit.rich(kit.preformatted(BARS)))
    page = await demo.open()
    await expect(page.locator(".bar")).to_have_count(4)
    boxes = [await bar.bounding_box() for bar in (await page.locator(".bar").all())[1:]]
    edges = {(round(box["x"]), round(box["x"] + box["width"])) for box in boxes if box}
    assert len(edges) == 1
    await expect(page.get_by_role("img", name="bar: 60 %")).to_be_visible()
    assert await page.locator("pre").inner_text() == BARS


async def no_overflow(page: Page) -> None:
    sizes = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert sizes[0] <= sizes[1]


BRIGHTNESS = """async (png) => {
  const image = await createImageBitmap(new Blob([new Uint8Array(png)]));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}"""


async def test_a_box_that_scrolls_shows_it(demo: Demo) -> None:
    """On a phone a preformatted box that goes on beyond its edge is shaded there, until one has got there."""
    demo.post(kit.rich(kit.preformatted("#  Name  Writes\n" + "x" * 120)))
    page = await demo.open(viewport={"width": 390, "height": 740}, color_scheme="light")
    pre = page.locator("pre")

    async def brightness_at(edge: str) -> float:
        """How bright it is beside the first line, where there is no text: 0 to 255."""
        box = await pre.bounding_box()
        assert box is not None
        x = box["x"] + (box["width"] - 7 if edge == "right" else 3)
        png = await page.screenshot(clip={"x": x, "y": box["y"] + 10, "width": 4, "height": 8})
        return float(await page.evaluate(BRIGHTNESS, list(png)))

    assert await brightness_at("right") < await brightness_at("left") - 10
    await pre.evaluate("(node) => { node.scrollLeft = node.scrollWidth; }")
    assert await brightness_at("left") < await brightness_at("right") - 10


async def test_a_phone_has_room_for_everything(demo: Demo) -> None:
    """At 360 pixels nothing is wider than the screen, however long the names are; the menu is a drawer."""
    who = {"type": "static_select", "action_id": "s", "options": [kit.option(LONG[:75], "a")]}
    demo.post(kit.section(f"{LONG} `{LONG}`", accessory=kit.button(LONG[:75], "long")))
    demo.post({"type": "header", "text": kit.plain(LONG[:150])}, kit.actions(kit.button(LONG[:75], "x"), who))
    parent = demo.post(kit.rich(kit.preformatted(BARS), kit.line(kit.text(LONG, code=True))))
    demo.post(kit.section(LONG), thread_ts=parent.ts)
    cell = {"type": "raw_text", "text": LONG[:40]}
    demo.post({"type": "table", "rows": [[cell] * 6] * 2})
    page = await demo.open(viewport={"width": 360, "height": 740})
    await expect(page.locator(".message")).to_have_count(4)
    await no_overflow(page)
    await page.get_by_role("button", name="1 reply").click()
    await no_overflow(page)
    await page.get_by_role("button", name="Close the thread").click()
    await page.get_by_role("button", name="Channels and people").click()
    await page.get_by_role("button", name="random").click()
    await expect(page.get_by_role("heading", name="# random")).to_be_visible()
    demo.slack.world.show_view(ANA, kit.modal(kit.field("n", {"type": "plain_text_input"}, LONG)))
    await expect(page.get_by_role("dialog")).to_be_visible()
    await no_overflow(page)


async def test_commands_break_at_their_spaces(demo: Demo) -> None:
    """On a phone of any width a long command is broken between its words and never within a flag, and can be
    copied as it is."""
    command = "/workflow switch-traffic orders-of-customers 3 --replicas-only --reason=look"
    demo.post(kit.rich(kit.line(kit.text("Next: "), kit.text(command, code=True))))
    page = await demo.open(viewport={"width": 390, "height": 740})
    shown = page.locator(".message code")
    assert await shown.inner_text() == command
    for width in range(320, 440, 10):
        await page.set_viewport_size({"width": width, "height": 740})
        words = shown.locator(".word")
        heights = await words.evaluate_all("(all) => all.map((word) => word.getBoundingClientRect().height)")
        assert len(heights) == 6
        assert max(heights) < 30, width
        await no_overflow(page)


async def test_dark_and_light(demo: Demo) -> None:
    """The page follows the system's colours until somebody chooses, and remembers the choice."""

    async def brightness(page: Page) -> int:
        background = (
            "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)"
        )
        return int(await page.evaluate(f"{background}.reduce((a, b) => a + b)"))

    light, dark = await demo.open(color_scheme="light"), await demo.open(color_scheme="dark")
    assert await brightness(light) > 600
    assert await brightness(dark) < 150
    await light.get_by_role("button", name="Colours: as the system").click()
    await light.get_by_role("button", name="Colours: light").click()
    assert await brightness(light) < 150
    await light.reload()
    await expect(light.get_by_role("button", name="Colours: dark")).to_be_visible()
    assert await brightness(light) < 150


async def test_the_home_tab(demo: Demo) -> None:
    """Where the app has a Home tab, opening it tells the app, and what it publishes is shown."""
    demo.slack.has_home = True
    page = await demo.open()
    await page.get_by_role("button", name="Home of the app").click()
    assert (await demo.bot.until(1))["event"]["type"] == "app_home_opened"
    home = {
        "type": "home",
        "blocks": [kit.section("Nothing waits for you"), kit.actions(kit.button("Refresh", "r"))],
    }
    demo.slack.world.publish_home(ANA, home)
    await expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    await page.get_by_role("button", name="Refresh").click()
    assert (await demo.bot.until(2))["container"]["type"] == "view"


async def test_a_page_that_loses_its_server_says_so(demo: Demo) -> None:
    """When the connection is lost, the page says that it tries again."""
    page = await demo.open()
    await expect(page.locator("#offline")).to_be_hidden()
    demo.slack.stop()
    await expect(page.get_by_text("Not connected. Trying again")).to_be_visible()


async def test_without_a_simulator_there_is_no_panel(demo: Demo) -> None:
    """The simulator's panel is hidden where there is no simulator."""
    page = await demo.open()
    await expect(page.locator("#panel-toggle")).to_be_hidden()


async def test_a_chart_is_drawn(demo: Demo) -> None:
    """A chart has a line and a name in the legend for each series, its times below and its numbers beside."""
    page = await demo.open()
    labels = [f"02:{minute}" for minute in range(10, 30)]
    rows = {"orders": 120_000, "order_lines": 80_000, "<b>evil</b>": 0}
    series = [
        {
            "name": name,
            "data": [{"label": label, "value": place * most} for place, label in enumerate(labels)],
        }
        for name, most in rows.items()
    ]
    axes = {"categories": labels, "x_label": "23 Nov, UTC", "y_label": "Rows copied"}
    drawn = {"type": "line", "series": series, "axis_config": axes}
    demo.post({"type": "data_visualization", "title": "Rows copied of shop #3", "chart": drawn})
    chart = page.get_by_role("img", name="Rows copied of shop #3")
    await expect(chart.locator("polyline")).to_have_count(3)
    for words in ("02:10", "4M", "23 Nov, UTC", "Rows copied"):
        await expect(chart.get_by_text(words, exact=True)).to_be_visible()
    await expect(page.locator(".legend li")).to_have_text(list(rows))
