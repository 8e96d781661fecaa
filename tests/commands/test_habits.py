"""Chat's own habits: what people and their keyboards do to a line, and what was meant."""

import pytest

from bot.commands.model import (
    ActionName,
    ActOnWorkflow,
    Command,
    CreateWorkflow,
    Format,
    Help,
    ListWorkflows,
    Mistake,
    OnDdl,
    ShowWorkflow,
)
from bot.commands.parser import parse
from tests.rows import each_row

SHOW = ShowWorkflow(database="shop", number=3)
SHOW_JSON = ShowWorkflow(database="shop", number=3, format=Format.JSON)
FORCED = ActOnWorkflow(action=ActionName.CUTOVER, database="shop", number=3, force=True)
REPLICAS = ActOnWorkflow(action=ActionName.SWITCH_TRAFFIC, database="shop", number=3, replicas_only=True)


@each_row(
    ("text", "command"),
    [
        # Spaces
        ("  show   shop   3  ", SHOW),
        ("show\u00a0shop\u00a03", SHOW),
        ("show\u2003shop\u202f3", SHOW),
        ("show\tshop\n3\r\n", SHOW),
        # What nobody sees
        ("show \u200bshop 3\ufeff", SHOW),
        ("sh\u00adow shop \u20663\u2069", SHOW),
        # Dashes
        ("cutover shop 3 —force", FORCED),
        ("cutover shop 3 –force", FORCED),
        ("cutover shop 3 ――force", FORCED),
        ("cutover shop 3 −−force", FORCED),
        ("cutover shop 3 －－force", FORCED),
        ("switch-traffic shop 3 —replicas-only", REPLICAS),
        ("switch–traffic shop 3 —replicas–only", REPLICAS),
        ("switch‑traffic shop 3 --replicas‑only", REPLICAS),
        ("show shop 3 –f json", SHOW_JSON),
        ("show shop 3 —f=json", SHOW_JSON),
        ("show shop 3 --f json", SHOW_JSON),
        ("show shop 3 —format=json", SHOW_JSON),
        ("show — shop 3", SHOW),
        # Quotes
        ('show "shop" 3', SHOW),
        ("show 'shop' '3'", SHOW),
        ("show “shop” 3", SHOW),
        ("show ‘shop’ „3“", SHOW),
        ('show sh"op" 3', SHOW),
        ("show shop 3 --format=“json”", SHOW_JSON),
        # The number
        ("show shop #3", SHOW),
        ("show shop 003", SHOW),
        ("show shop “#3”", SHOW),
        ("show shop 3.", SHOW),
        ("show shop №3", SHOW),
        ("show shop № 3", SHOW),
        ("show shop # 3", SHOW),
        ("show shop ３", SHOW),
        ("show shop ＃３", SHOW),
        ("show shop (3)", SHOW),
        # Code marks
        ("show `shop` `3`", SHOW),
        ("show `shop` 3.", SHOW),
        ("`show` `shop` 3", SHOW),
        ("show shop `3`.", SHOW),
        ("show shop 3 --format=`json`", SHOW_JSON),
        ("```show shop 3```", SHOW),
        # Upper case
        ("SHOW shop 3", SHOW),
        ("Show shop 3 --Format JSON", SHOW_JSON),
        ("Switch-Traffic shop 3 --Replicas-Only", REPLICAS),
        ("HELP Show", Help(topic="show")),
        # Pasted lines
        ("pscale workflow show shop 3", SHOW),
        ("$ pscale workflow show shop 3", SHOW),
        ("/workflow show shop 3", SHOW),
        ("workflow show shop 3", SHOW),
        ("/Workflow show shop 3", SHOW),
        ("`/workflow show shop 3`", SHOW),
        ("pscale -f json workflow show shop 3", SHOW_JSON),
        ("pscale workflow", Help()),
        ("/workflow help show", Help(topic="show")),
        ("pscale workflow list workflow", ListWorkflows(database="workflow")),
    ],
)
def test_habits_are_forgiven(text: str, command: Command) -> None:
    """A line means the same with the spaces, dashes, quotes, case and beginnings that chat gives it."""
    assert parse(text) == command


def test_upper_case_ddl_action_is_not_needed() -> None:
    """DDL actions may be typed in any case."""
    assert parse("create shop main -i --on-ddl Exec_Ignore") == CreateWorkflow(
        database="shop", branch="main", interactive=True, on_ddl=OnDdl.EXEC_IGNORE
    )


def test_a_list_goes_on_after_a_space() -> None:
    """A space around a comma does not end a list of tables; a comma too many at its end does not count."""
    wanted = CreateWorkflow(database="shop", branch="main", interactive=True, tables=("a", "b", "c"))
    for tables in ("a, b, c", "a ,b ,c", "a , b , c,", "a,,b, ,c,"):
        assert parse(f"create shop main -i --tables {tables}") == wanted
        assert parse(f"create shop main --tables={tables} -i") == wanted


def test_entities_are_undone_once() -> None:
    """Slack's three entities stand for what was typed, and are undone exactly once."""
    command = parse("create shop main -i --tables a&amp;b,c&lt;d&gt;,e&amp;lt;")
    assert isinstance(command, CreateWorkflow)
    assert command.tables == ("a&b", "c<d>", "e&lt;")


@pytest.mark.parametrize(
    "text", ["show <@U123|ben> 3", "show &lt;@U123|ben&gt; 3", "list <#C1|shop>", "show shop <http://3|3>"]
)
def test_mentions_and_links_are_no_names(text: str) -> None:
    """What Slack makes of a mention or a link is never taken for a name."""
    assert isinstance(parse(text), Mistake)


def test_a_code_mark_within_a_name_is_not_dropped() -> None:
    """A table whose name has a code mark in it is refused, and is not taken for another one."""
    line = "create shop main -i --tables"
    listed = parse(f"{line} `a`,`b`")
    assert isinstance(listed, CreateWorkflow)
    assert listed.tables == ("a", "b")
    for name in ("a`b", "a``b", "`a`b"):
        assert isinstance(parse(f"{line} {name}"), Mistake), name
