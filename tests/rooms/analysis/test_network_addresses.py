import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.network import addresses
from scanner.analysis.network.addresses import is_private, is_world, parse, prefix_length

networks = st.one_of(
    st.builds(lambda n, p: ipaddress.ip_network((n, p), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32)),
    st.builds(lambda n, p: ipaddress.IPv6Network((n, p), strict=False), st.integers(0, 2**128 - 1), st.integers(0, 128)),
)


@given(networks, st.booleans())
def test_parse_agrees_with_the_standard_library(network, long_form):
    text = network.exploded if long_form else str(network)
    found = parse(text)
    assert (found.version, found.first, found.last) == (
        network.version, int(network.network_address), int(network.broadcast_address))
    assert prefix_length(found) == network.prefixlen


@given(networks, networks)
def test_holds_and_meets_agree_with_the_standard_library(one, other):
    a, b = parse(str(one)), parse(str(other))
    same = one.version == other.version
    assert a.holds(b) == (same and other.subnet_of(one))
    assert a.meets(b) == (same and one.overlaps(other))


@given(st.text(alphabet="0123456789abcdef:./", max_size=24))
def test_parse_never_raises_and_is_no_laxer_than_the_standard_library(text):
    if parse(text) is not None:
        head, _, length = text.partition("/")
        if ":" not in head:
            head = ".".join(str(int(part)) for part in head.split("."))
        ipaddress.ip_network(f"{head}/{int(length)}" if length else head, strict=False)


@pytest.mark.parametrize("text", [
    "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "1.2.3.4/0", "::/0", "0:0:0:0:0:0:0:0/0",
    "0000:0000:0000:0000:0000:0000:0000:0000/0", "2000::/3", "::0.0.0.0/0",
])
def test_the_world_in_every_spelling(text):
    assert is_world(parse(text))


@pytest.mark.parametrize("text", ["10.0.0.0/8", "64.0.0.0/2", "0.0.0.0", "fc00::/7", "2000::/4", "::/128"])
def test_not_the_world(text):
    assert not is_world(parse(text))


@pytest.mark.parametrize(("text", "private"), [
    ("10.1.0.0/16", True), ("172.31.0.0/16", True), ("172.32.0.0/16", False), ("10.0.0.0/7", False), ("fd00::/8", True),
])
def test_private(text, private):
    assert is_private(parse(text)) is private


@pytest.mark.parametrize("text", ["", "sg-1", "1.2.3", "1.2.3.4.5", "1.2.3.4/33", "1.2.3.4/", "a::b::c", ":::", "1:2", "300.1.1.1", "1.2.3.4/-1"])
def test_not_a_cidr(text):
    assert addresses.parse(text) is None
