"""What docs/security.md hands out works."""

import json
import re
import subprocess
import sys
from pathlib import Path

from bot.store.audit import export, record
from bot.store.engine.database import Database
from tests.store.databases import new_file
from tests.store.rows import NOW

PAGE = Path(__file__).parent.parent / "docs" / "security.md"


async def test_the_recipe_for_an_export(tmp_path: Path) -> None:
    """The few lines of Python on the page find a line of an export that was changed, and no other fault."""
    (recipe,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    async with Database(f"sqlite:///{new_file(tmp_path)}", begin_within=30) as database:
        for what in ("asked", "approved “🙏”", "ended"):
            await database.write(record, NOW, "UANA", what)
        lines = await database.read(lambda connection: list(export(connection, None, "jsonl")))

    def verified(exported: list[str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", recipe]
        return subprocess.run(  # noqa: S603 - the page's own words
            command, input="".join(exported), capture_output=True, encoding="utf-8", check=False
        )

    assert verified(lines).returncode == 0
    changed = json.loads(lines[1]) | {"who": "UEVE"}
    forged = verified([lines[0], json.dumps(changed) + "\n", lines[2]])
    assert "AssertionError: 2" in forged.stderr
