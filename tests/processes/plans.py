"""How much of the soak there is, and how bad it gets."""

from typing import Final

from tests.processes.chaos import CHANGES_FAIL_LONG, Weather
from tests.processes.soak import Plan

MINUTE: Final = Plan(
    operations=10,
    at_once=10,
    weather=Weather(things=16, every=(0.5, 2.0), stopped_for=(1.0, 8.0), restarts=(4, 11)),
    settles_within=600.0,
    to_the_end=False,
    budget=480,
)
"""For the suite."""


def hour(count: int) -> Plan:
    """So many operations, a dozen at a time, and everything that can go wrong."""
    weather = Weather(
        things=count,
        every=(0.5, 4.0),
        stopped_for=(1.0, 60.0),
        one_stop=320.0,
        changes=CHANGES_FAIL_LONG,
        restarts=(count // 10, count // 4),
    )
    return Plan(
        operations=count,
        at_once=12,
        weather=weather,
        settles_within=3600.0,
        to_the_end=True,
        budget=240,  # less than the processes would like to send together, and more than each by itself
    )
