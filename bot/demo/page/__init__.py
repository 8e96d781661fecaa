"""The demo's page: files and the app's shortcuts, served strictly. No build step, nothing from elsewhere."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.demo.page.shortcuts import message_shortcuts

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page_routes() -> list[BaseRoute]:
    """The page at `/` (and where permalinks lead), its files under `/page/`."""
    files = {path.name: path for path in STATIC.iterdir() if path.suffix in TYPES}

    def serve(path: Path) -> Response:
        return Response(path.read_bytes(), headers=HEADERS | {"Content-Type": TYPES[path.suffix]})

    async def index(_: Request) -> Response:
        return serve(files["index.html"])

    async def static(request: Request) -> Response:
        path = files.get(request.path_params["name"])
        return serve(path) if path else Response("not found", 404, HEADERS)

    async def shortcuts(_: Request) -> Response:
        return JSONResponse(message_shortcuts(), headers=HEADERS)

    return [
        Route("/", index),
        Route("/archives/{channel}/{message}", index),
        Route("/page/shortcuts.json", shortcuts),
        Route("/page/{name}", static),
    ]
