"""The log says what happens without end, and is not filled by it."""

from bot.demo.clock import ManualClock
from bot.runtime.sampled import Sampled


def test_the_first_then_a_count_a_minute() -> None:
    """Whoever reads the log sees the first at once, and a minute later how many there were since."""
    clock = ManualClock()
    sampled = Sampled(clock)
    assert sampled.due() == 1
    assert [sampled.due() for _ in range(1000)] == [0] * 1000
    clock.advance(60)
    assert sampled.due() == 1001
    assert sampled.due() == 0
    clock.advance(600)
    assert sampled.due() == 2
