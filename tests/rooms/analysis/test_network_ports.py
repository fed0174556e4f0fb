import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.network.ports import Interval, inside, ports_of, protocol_name, read_intervals

intervals = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: Interval(min(p), max(p)))


@given(intervals, st.lists(intervals, max_size=5))
def test_inside_is_set_inclusion(part, allowed):
    every = {port for interval in allowed for port in range(interval.first, interval.last + 1)}
    assert inside(part, allowed) == set(range(part.first, part.last + 1)).issubset(every)


@pytest.mark.parametrize("spelling", ["-1", -1, -1.0, "all", "ALL", " -1 "])
def test_every_protocol_in_every_spelling(spelling):
    assert protocol_name(spelling) == "all"


@pytest.mark.parametrize(("first", "last", "expected"), [
    (22, 22, (22, 22)), (22, None, (22, 22)), (None, None, (0, 65535)), (-1, -1, (0, 65535)), (0, 65535, (0, 65535)), (5, -1, (5, 65535)),
])
def test_ports_of(first, last, expected):
    assert tuple(ports_of(first, last)) == expected


def test_read_intervals():
    assert read_intervals([22, "3306", "1024-2048", "1,2"]) == ((22, 22), (3306, 3306), (1024, 2048), (1, 1), (2, 2))
