"""What is typed wrong is answered with the line that was meant, and nothing is asked of PlanetScale."""

from tests.scenarios.conftest import Stage

CREATE = "create shop main --name a --source-keyspace commerce --tables t"
MEANT = {
    "switch-traffic 3 shop": (
        "The database comes first, then the workflow's number.",
        "Did you mean /workflow switch-traffic shop 3?",
    ),
    "show SHOP 3": (
        "“SHOP” has upper-case letters; the name of a database has none.",
        "Did you mean /workflow show shop 3?",
    ),
    "show shop 3 -force": ("There is no flag -force.", "Did you mean /workflow show shop 3?"),
    "show shop 3 --format jsn --format json": (
        "“jsn” is not a value of --format: it takes human, json or csv.",
        "Did you mean /workflow show shop 3 --format=json?",
    ),
    "list shop 3": (
        "“3” is one word too many: list takes DATABASE.",
        "Did you mean /workflow show shop 3?",
    ),
    "switchtraffic shop 3": (
        "There is no sub-command “switchtraffic”.",
        "Did you mean /workflow switch-traffic shop 3?",
    ),
    "lst shop": ("There is no sub-command “lst”.", "Did you mean /workflow list shop?"),
    "switch-traffic shop 3 --replicas-only false": (
        "--replicas-only takes its value after “=”: --replicas-only=false.",
        "Did you mean /workflow switch-traffic shop 3?",
    ),
}
"""What is typed, what is wrong with it, and what is offered instead."""

ONLY_SAID = {
    "show shop 0": "“0” is not a workflow's number: a whole number from 1 on, such as 3 or #3.",
    "show shop 99999999999999999999": (
        "“99999999999999999999” is too large: this bot knows numbers up to 9,223,372,036,854,775,807."
    ),
    "show shop 3 extra": "“extra” is one word too many: show takes DATABASE and NUMBER.",
    "cancel shop 3 --name x": "--name belongs to create, not to cancel.",
    "show shop 3 --chart=maybe": "“maybe” is not a value of --chart: it takes =true or =false.",
    "frobnicate shop 3": "There is no sub-command “frobnicate”.",
    "help nonsense": "There is no sub-command “nonsense”.",
    f"show {'x' * 5000}": "That is too long: 5,005 characters. At most 3,000 are read.",
    f"{CREATE} --target-keyspace commerce": "Source and target are the same keyspace. Nothing was sent.",
    f"{CREATE} --target-keyspace customer --global-keyspace customer": (
        "Global keyspace and target are the same keyspace. Nothing was sent."
    ),
    "create shop main --name 'a": "A quote is opened and not closed. Nothing was sent.",
}
"""What is typed, and what is wrong with it, where no line can be offered that would surely be meant."""


async def test_a_mistake_is_answered_with_what_was_meant(http_stage: Stage) -> None:
    """A mistake is named, and the line that was meant stands below it, ready to be pasted."""
    answers = {typed: tuple((await http_stage.type(typed)).splitlines()[:2]) for typed in MEANT}
    assert answers == MEANT
    assert http_stage.asked == []


async def test_a_mistake_that_has_no_likely_meaning(http_stage: Stage) -> None:
    """Where it is not clear what was meant, the mistake is named and nothing is guessed."""
    answers = {typed: await http_stage.type(typed) for typed in ONLY_SAID}
    assert {typed: answer.splitlines()[0] for typed, answer in answers.items()} == ONLY_SAID
    assert [answer for answer in answers.values() if "Did you mean" in answer] == []
    assert http_stage.asked == []
