"""IP network functions."""

from __future__ import annotations

import ipaddress

from scanner.model.terraform.functions.strings import _text

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: object) -> Network:
    return ipaddress.ip_network(_text(text), strict=False)


def _whole(value: object) -> int:
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number is required")
    return value


def tf_cidrhost(prefix: object, number: object) -> str:
    """Return an address of a network; negative numbers count from its end."""
    network, position = _network(prefix), _whole(number)
    size = network.num_addresses
    if not -size <= position < size:
        raise ValueError("the network has no such host number")
    return str(network[position % size])


def tf_cidrnetmask(prefix: object) -> str:
    """Return the netmask of an IPv4 network."""
    network = _network(prefix)
    if network.version != 4:
        raise ValueError("only IPv4 networks have a netmask")
    return str(network.netmask)


def tf_cidrsubnet(prefix: object, bits: object, number: object) -> str:
    """Return a subnet."""
    return _subnet(_network(prefix), _whole(bits), _whole(number))


def _subnet(network: Network, bits: int, number: int) -> str:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen:
        raise ValueError("the address is too short for so many more bits")
    if not 0 <= number < 2**bits:
        raise ValueError("the number does not fit")
    start = int(network.network_address) + number * 2 ** (network.max_prefixlen - length)
    address = ipaddress.IPv4Address(start) if network.version == 4 else ipaddress.IPv6Address(start)
    return f"{address}/{length}"


def tf_cidrsubnets(prefix: object, *bits: object) -> list[str]:
    """Return consecutive subnets."""
    network = _network(prefix)
    position = int(network.network_address)
    found = []
    for more in bits:
        length = network.prefixlen + _whole(more)
        if length > network.max_prefixlen or _whole(more) < 1:
            raise ValueError("the address is too short for so many more bits")
        size = 2 ** (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > int(network.network_address) + network.num_addresses:
            raise ValueError("the network has no room left")
        address = ipaddress.IPv4Address(position) if network.version == 4 else ipaddress.IPv6Address(position)
        found.append(f"{address}/{length}")
        position += size
    return found


def tf_cidrcontains(prefix: object, inner: object) -> bool:
    """Tell whether a network contains an address or network (OpenTofu)."""
    outer, other = _network(prefix), _network(inner)
    return outer.version == other.version and other.subnet_of(outer)  # type: ignore[arg-type]  # same version
