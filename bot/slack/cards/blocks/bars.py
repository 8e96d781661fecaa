"""A copy as lines of equal width: a bar for all rows and one for each table that is shown."""

from bot.slack.cards.blocks.rich import one_line
from bot.slack.cards.blocks.words import bar, columns, count, cut, padded
from bot.workflows.facts.progress import Copy, TableProgress

TABLES_SHOWN = 5
NAME_WIDTH = 24


def tables_shown(copy: Copy, most: int = TABLES_SHOWN) -> list[TableProgress]:
    """All of a few; of many, those that have begun, the least advanced first.

    A table that ended below its estimate looks for ever as if it were being copied: when one is done is not
    reported.
    """
    if len(copy.tables) <= most:
        return list(copy.tables)
    moving = [table for table in copy.tables if table.begun and not table.full]
    chosen = moving or list(copy.tables)
    return sorted(chosen, key=_least_advanced)[:most]


def _least_advanced(table: TableProgress) -> tuple[int, int, str]:
    return (100 if table.percent is None else table.percent, -(table.total or 0), table.name)


def counted(copy: Copy) -> str:
    """How many tables are how far, where not all are shown."""
    full = sum(table.full for table in copy.tables)
    below = sum(table.begun and not table.full for table in copy.tables)
    not_begun = len(copy.tables) - full - below
    return (
        f"{len(copy.tables)} tables: {full} reached their estimate · {below} below it · {not_begun} not begun"
    )


def total_bar(copy: Copy) -> str:
    """The bar of all rows."""
    if copy.copied is None or copy.percent is None or copy.total is None:
        return rows_so_far(copy)
    return f"{bar(copy.percent, 20)}  {rows_so_far(copy)}"


def rows_so_far(copy: Copy) -> str:
    """`about 412 M of 1.01 B rows`"""
    if copy.copied is None:
        return "Rows: not reported by PlanetScale"
    if copy.percent is None or copy.total is None:
        return f"about {count(copy.copied)} rows so far, total not reported"
    return f"about {count(copy.copied)} of {count(copy.total)} rows"


def table_bars(tables: list[TableProgress], widest: int = NAME_WIDTH) -> list[str]:
    """A line for each table, one below the other; none for no tables."""
    width = min(widest, max((columns(one_line(table.name)) for table in tables), default=0))
    return [table_bar(table, width) for table in tables]


def table_bar(table: TableProgress, width: int) -> str:
    """`orders      ▓▓▓▓▓▓░░░░  61 %  about 380 M of 620 M`"""
    name = padded(cut(one_line(table.name), width), width)
    if table.copied is None:
        return f"{name}  not reported"
    if table.percent is None or table.total is None:
        return f"{name}  about {count(table.copied)} rows, total not reported"
    return (
        f"{name}  {bar(table.percent, 10)} {table.percent:>3} %  "
        f"about {count(table.copied)} of {count(table.total)}"
    )
