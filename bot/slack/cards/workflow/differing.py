"""What a verification found, as lines of equal width: counts for each table and shard, never rows."""

from collections.abc import Sequence

from bot.slack.cards.blocks.rich import one_line
from bot.slack.cards.blocks.words import columns, cut, padded
from bot.workflows.facts.verification import Difference

NAME_WIDTH = 24
MOST = 8


def differences(
    found: Sequence[Difference], source: str, target: str, most: int = MOST, widest: int = NAME_WIDTH
) -> list[str]:
    """A line for each of `found`, at most `most`; one without rows is said to be equal."""
    shown = found[:most]
    tables = [cut(one_line(one.table), widest) for one in shown]
    shards = [cut(one_line(one.shard), widest) for one in shown]
    width, depth = (max(map(columns, texts), default=0) for texts in (tables, shards))
    lines = [
        f"{padded(table, width)}  {padded(shard, depth)}  {_counts(one, source, target)}"
        for table, shard, one in zip(tables, shards, shown, strict=True)
    ]
    if len(found) > len(shown):
        lines.append(f"and {len(found) - len(shown)} more")
    return lines


def _counts(one: Difference, source: str, target: str) -> str:
    if not one.rows:
        return "equal"
    return (
        f"{one.differ:,} differ · {one.only_in_source:,} only in {source} · "
        f"{one.only_in_target:,} only in {target}"
    )
