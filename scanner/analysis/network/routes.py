"""Subnets: whether one leads to an internet gateway, and in which zones they lie, as far as the run shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.core.subject import Subject
from scanner.core.value import Absent, ListValue, Value, text_of
from scanner.core.view import Answer, View

_ANYWHERE = ("0.0.0.0/0", "::/0")


def no_subnet_routes_to_internet(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether no subnet of the subject has a route to an internet gateway.

    `subnets` is the path of subnets; with `group`, the path of a subnet group that holds them. Subnets,
    route tables and associations outside the run make the answer unknown.
    """
    holders = [subject]
    if "group" in arguments:
        group = view.value(subject, str(arguments["group"]))
        holders = view.targets(subject, group)
        if not holders:
            why = "names no subnet group" if isinstance(group, Absent) else "the subnet group is not part of this run"
            return Answer(None, group.at, why)
    doubt = ""
    for holder in holders:
        for item in _items(view.value(holder, str(arguments["subnets"]))):
            subnets = [found for found in view.targets(holder, item) if found.kind == "AWS::EC2::Subnet"]
            if not subnets:
                doubt = doubt or "a subnet is not part of this run"
            for subnet in subnets:
                route, known = _internet_route(subnet, view)
                if route is not None:
                    related = ((f"subnet {subnet.address}", subnet.at), ("route to the internet", route.at))
                    return Answer(False, None, f"{subnet.address} has a route to the internet", related)
                if not known:
                    doubt = doubt or f"the route table of {subnet.address} is not part of this run"
    return Answer(None, None, doubt) if doubt else Answer(True)


def subnets_in_zones(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the subnets at the path `subnets` may lie in `at_least` zones.

    `member` is the path inside an item of the list. Only zones that are written in the run can be the same; the place
    is a subnet in the zone of another one.
    """
    subnets = view.value(subject, str(arguments["subnets"]))
    if not isinstance(subnets, ListValue) or subnets.rest is not None:
        return Answer(True)
    zones: set[object] = set()
    repeated = None
    for item in subnets.items:
        entry = view.seen(item)
        entry = view.seen(entry.get(str(arguments["member"]))) if "member" in arguments else entry
        if isinstance(entry, Absent):
            continue
        zone = _zone(subject, entry, view)
        repeated = entry if zone in zones else repeated
        zones.add(zone)
    if repeated is None or len(zones) >= int(str(arguments["at_least"])):
        return Answer(True)
    return Answer(False, repeated.at, value=repeated)


def _zone(subject: Subject, entry: Value, view: View) -> object:
    """Return the zone of a subnet, or something of its own where none is written."""
    for found in view.targets(subject, entry):
        zone = text_of(view.value(found, "AvailabilityZone")) if found.kind == "AWS::EC2::Subnet" else None
        return zone or id(found)
    return text_of(entry) or id(entry)


def _internet_route(subnet: Subject, view: View) -> tuple[Subject | None, bool]:
    """Return a route of the subnet to an internet gateway, and whether its route table is known."""
    known = False
    for association in view.inventory.of_kind("AWS::EC2::SubnetRouteTableAssociation"):
        if not view.exists(association) or subnet not in view.targets(association, view.value(association, "SubnetId")):
            continue
        tables = view.targets(association, view.value(association, "RouteTableId"))
        known = known or bool(tables)
        for route in view.inventory.of_kind("AWS::EC2::Route"):
            table = view.value(route, "RouteTableId")
            here = view.exists(route) and any(found in tables for found in view.targets(route, table))
            if here and _leads_out(route, view):
                return route, True
    return None, known


def _leads_out(route: Subject, view: View) -> bool:
    destinations = (view.value(route, "DestinationCidrBlock"), view.value(route, "DestinationIpv6CidrBlock"))
    if not any(text_of(found) in _ANYWHERE for found in destinations):
        return False
    gateway = view.value(route, "GatewayId")
    literal = text_of(gateway)
    if literal is not None:
        return literal.startswith("igw-")
    return any(found.kind == "AWS::EC2::InternetGateway" for found in view.targets(route, gateway))


def _items(value: Value) -> Iterator[Value]:
    if isinstance(value, ListValue):
        yield from value.items
    elif not isinstance(value, Absent):
        yield value
