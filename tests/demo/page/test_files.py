"""The page's files, as they are served."""

import httpx
import pytest
from starlette.applications import Starlette

from bot.demo.page import STATIC, page_routes
from bot.slack.cards.answers.what_is_this import WHAT_IS_THIS
from bot.slack.manifest import manifest
from tests.serve import serve


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/archives/C0DBMOVES/p1700000000000001", "text/html; charset=utf-8"),
        ("/page/app.js", "text/javascript; charset=utf-8"),
        ("/page/layout.css", "text/css; charset=utf-8"),
        ("/page/icon.svg", "image/svg+xml"),
        ("/page/shortcuts.json", "application/json"),
    ],
)
async def test_files_have_their_type_and_a_strict_policy(path: str, content_type: str) -> None:
    """Every file has the right type, is not cached, and allows nothing from elsewhere."""
    async with serve(Starlette(routes=page_routes())) as base, httpx.AsyncClient(base_url=base) as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["nothing.js", "..%2f__init__.py", "%2e%2e/__init__.py", "__init__.py"])
async def test_nothing_else_is_served(name: str) -> None:
    """Only the page's own files can be fetched."""
    async with serve(Starlette(routes=page_routes())) as base, httpx.AsyncClient(base_url=base) as http:
        assert (await http.get(f"/page/{name}")).status_code == 404


async def test_shortcuts_are_those_of_the_manifest() -> None:
    """The page offers every message shortcut of the app's manifest, under the name that it has there."""
    async with serve(Starlette(routes=page_routes())) as base, httpx.AsyncClient(base_url=base) as http:
        offered = (await http.get("/page/shortcuts.json")).json()
    assert [one["value"] for one in offered] == [WHAT_IS_THIS]
    listed = manifest(None)
    assert len(offered) == listed.count("type: message\n")
    for one in offered:
        assert f"- name: {one['text']}\n" in listed
        assert f"description: {one['description']}\n" in listed


def test_no_data_is_ever_markup() -> None:
    """No script uses a way of building a page that would read data as markup or code."""
    for path in STATIC.glob("*.js"):
        source = path.read_text()
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "srcdoc"):
            assert way not in source, f"{path.name}: {way}"
