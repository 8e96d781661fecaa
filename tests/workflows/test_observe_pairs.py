"""Every pair of states, read one after the other."""

from bot.workflows.facts.states import TRANSITIONAL, State
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight
from tests.rows import each_row
from tests.workflows.observed_states import T0, in_state, minutes, news

LETTERS = {
    "C": Happening.COPIED,
    "v": Happening.VERIFICATION_STARTED,
    "n": Happening.NO_REPORT,
    "k": Happening.VERIFICATION_BROKE_OFF,
    "r": Happening.REPLICAS_SWITCHED,
    "p": Happening.PRIMARIES_SWITCHED,
    "b": Happening.REVERSED,
    "o": Happening.SWITCH_BROKE_OFF,
    "x": Happening.CUT_OVER,
    "u": Happening.RULES_RESTORED,
    "d": Happening.COMPLETED,
    "a": Happening.CANCELLED,
    "w": Happening.CANCELLING_WITH_TRAFFIC,
    "s": Happening.STOPPED,
    "e": Happening.ERROR,
}
TABLE = """\
                             pen cop run sto vfg vfd >re rep >pr pri rev rfc >cu cut res com >ca can err
pending                      .   .   C   s   Cv  Cn  C   Cr  C   Cp  C   Cw  C   Cx  Cu  Cd  .   a   e
copying                      .   .   C   s   Cv  Cn  C   Cr  C   Cp  C   Cw  C   Cx  Cu  Cd  .   a   e
running                      .   .   .   s   v   n   .   r   .   p   .   w   .   x   u   d   .   a   e
stopped                      .   .   C   .   Cv  Cn  C   Cr  C   Cp  C   Cw  C   Cx  Cu  Cd  .   a   e
verifying_data               k   k   k   k   .   n   k   rk  k   pk  k   w   k   xk  uk  d   .   a   ek
verified_data                .   .   .   s   v   .   .   r   .   p   .   w   .   x   u   d   .   a   e
switching_replicas           o   o   o   s   ov  no  .   r   .   p   .   w   .   x   u   d   .   a   e
switched_replicas            b   b   b   s   bv  bn  .   .   .   p   .   w   .   x   u   d   w   a   e
switching_primaries          b   b   b   s   bv  bn  .   o   .   p   .   w   .   x   u   d   w   a   e
switched_primaries           b   b   b   .   bv  bn  .   b   .   .   .   w   .   x   u   d   w   a   e
reversing_traffic            b   b   b   s   bv  bn  .   .   .   p   .   w   .   x   u   d   w   a   e
reversing_traffic_for_cancel b   b   b   s   bv  bn  .   .   .   p   .   .   .   x   u   d   .   a   e
cutting_over                 b   b   b   .   bv  bn  .   b   .   .   .   w   .   x   u   d   w   a   e
cutover                      b   b   b   .   bv  bn  .   b   .   .   .   w   .   .   u   d   w   a   e
reversed_cutover             b   b   b   .   bv  bn  .   b   .   .   .   w   .   x   .   d   w   a   e
completed                    .   .   .   s   v   n   .   r   .   p   .   w   .   x   u   .   .   a   e
cancelling                   .   .   C   s   Cv  Cn  C   Cr  C   Cp  C   Cw  C   Cx  Cu  Cd  .   a   e
cancelled                    .   .   C   s   Cv  Cn  C   Cr  C   Cp  C   Cw  C   Cx  Cu  Cd  .   .   e
error                        .   .   C   s   Cv  Cn  C   Cr  C   Cp  C   Cw  C   Cx  Cu  Cd  .   a   .
"""
"""Rows are the states of the first read, columns those of the second, in the same order. No read has a time:
what follows is what states and flags alone can prove. That a verification ended without a report, which is
written last, is told a minute later: the report may be on its way."""
LATER = {"n", "k"}

ROWS = [line.split() for line in TABLE.splitlines()[1:]]
PAIRS = [(row[0], after.value, cell) for row in ROWS for after, cell in zip(State, row[1:], strict=True)]


@each_row(("before", "after", "cell"), PAIRS)
def test_every_pair_of_states_tells_what_it_proves(before: str, after: str, cell: str) -> None:
    """Whichever two states follow each other, what they prove is told, and nothing else."""
    at_once = [LETTERS[letter] for letter in cell if letter not in {".", *LATER}]
    later = [LETTERS[letter] for letter in cell if letter in LATER]
    later += [Happening.MOVING_LONG] if before == after in TRANSITIONAL - {State.CANCELLING} else []
    sight, told = news(first_sight(in_state(before), T0), in_state(after), minutes(1))
    assert told == at_once
    assert sight.workflow.state == after
    assert news(sight, in_state(after), minutes(1))[1] == []
    assert not {LETTERS[letter] for letter in LATER} & set(news(sight, in_state(after), minutes(1.9))[1])
    sight, told = news(sight, in_state(after), minutes(2))
    assert told == later
    assert news(sight, in_state(after), minutes(2))[1] == []


def test_the_table_is_whole() -> None:
    """No state is left out of the table of pairs."""
    assert [row[0] for row in ROWS] == [state.value for state in State]
