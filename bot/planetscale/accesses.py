"""What a token has to be allowed for each request, in words that follow "the token may not".

The accesses' names stand on each endpoint's page of the API reference; only that of branches is certain.
"""

from typing import Final

_OF_PARTS: Final = (
    ("/workflows", "{do} workflows"),
    ("/branches", "{do} branches (the access read_branch)"),
    ("/databases/", "{do} the database"),
    ("/databases", "list the databases"),
)


def needed(template: str, *, read: bool) -> str:
    """What the request to this path does: `read workflows`."""
    do = "read" if read else "change"
    found = next((words for part, words in _OF_PARTS if part in template), "{do} it")
    return found.format(do=do)
