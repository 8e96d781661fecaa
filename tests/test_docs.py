"""What the documentation says of the code is so."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FILE = re.compile(r"`((?:[a-z_]+/)*[a-z_]+\.py)`")


def test_files_that_the_documentation_names() -> None:
    """Whoever looks for a file that the documentation names finds it."""
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("[bt]*/**/*.py")}
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        named = set(_FILE.findall(page.read_text(encoding="utf-8")))
        missing = {one for one in named if not any(f"/{file}".endswith(f"/{one}") for file in files)}
        assert not missing, page.name
