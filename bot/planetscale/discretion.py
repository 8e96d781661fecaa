"""PlanetScale's error texts can quote values of rows. They are taken out where the text comes in.

MySQL quotes the value in a few well-known messages only; table, column and key names stay, for people need
them. Source: the MySQL error message reference.
"""

import re

_QUOTED_VALUES = (
    re.compile(r"(Duplicate entry )'.*?'( for key )", re.IGNORECASE | re.DOTALL),
    re.compile(r"(value:? )'.*?'( for (?:column|function))", re.IGNORECASE | re.DOTALL),
    re.compile(r"(value )'.*?'( (?:for|in) )", re.IGNORECASE | re.DOTALL),
    re.compile(r"(Data truncated for column '[^']*'[^:]*: )'.*?'()", re.IGNORECASE | re.DOTALL),
    re.compile(r"((?:BIGINT|DOUBLE|DECIMAL)(?: UNSIGNED)? value is out of range in )'.*'()", re.IGNORECASE),
    re.compile(r"(\bvalues\s*\().*?(\))", re.IGNORECASE | re.DOTALL),
)


def without_row_values(text: str) -> str:
    """`text` with every quoted value of a row replaced by an ellipsis."""
    for pattern in _QUOTED_VALUES:
        text = pattern.sub(r"\1…\2", text)
    return text
