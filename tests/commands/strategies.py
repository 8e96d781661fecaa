"""What people might type, for hypothesis."""

from hypothesis import strategies as st

from bot.commands import flags, grammar
from bot.commands.reason import worded, wrong_with

_WORDS = [
    *grammar.BY_NAME,
    *grammar.MEANT,
    *(flag.spelled for flag in flags.BY_NAME.values()),
    *(f"—{name}" for name in flags.BY_NAME),
    *(f"--{name}" for name in flags.REFUSED),
    *("-f", "-i", "-h", "-if", "-fjson", "-x", "--", "—", "–", "-", "#", "#3", "3", "0", "007", "="),
    *("shop", "main", "Shop", "sh.op", "..", "true", "false", "json", "STOP", "exec", "a,b", ",a", "a,"),
    *("=3", "=json", "$", "/workflow", "pscale", "workflow", "&amp;", "&lt;@U1|ben&gt;", "<@U1>", "''", '""'),
]
_SIGNS = "-—–=,#'\"“”‘’`&;<>@|\\/%?.\u00a0\u200b\u202e\t\n\x00\x1b \ud800"

texts = st.one_of(
    st.text(max_size=200),
    st.text(st.sampled_from(f"{_SIGNS}abcfhi3"), max_size=80),
    st.lists(
        st.one_of(st.sampled_from(_WORDS), st.text(st.sampled_from(f"{_SIGNS}shop3"), max_size=6)),
        max_size=12,
    ).flatmap(
        lambda words: st.sampled_from([" ", "  ", "\u00a0", "\n", ""]).map(lambda space: space.join(words))
    ),
)
"""Noise, odd signs, and words of the grammar in any order."""

_lower = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
_name = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,20}", fullmatch=True)
_table = st.one_of(
    _name,
    st.text(
        st.characters(max_codepoint=0xFFFF, categories=["L", "N", "P", "S"], exclude_characters="/\\`"),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(
        ["two words", "-x", "--force", "a,b", 'say "so"', "O'Brien", "#", "~", "$x", "!", "&amp;"]
    ),
).filter(lambda name: name not in {".", ".."})

databases, branches, organizations, keyspaces, workflow_names = _lower, _lower, _name, _name, _name
tables = st.lists(_table, max_size=4, unique=True).map(tuple)
reasons = st.one_of(
    st.none(),
    st.text(max_size=60).map(worded).filter(lambda words: wrong_with(words) is None),
    st.sampled_from(["don't wait", 'he said "go"', 'it\'s "now"', "-1 of --force", "a = b; c", "ora: così"]),
)
"""Why, as it is kept."""
