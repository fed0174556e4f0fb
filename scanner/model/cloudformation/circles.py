"""Resources that depend on one another in a circle: CloudFormation refuses to deploy them."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value


def circles_of(resources: list[Resource]) -> list[tuple[Resource, str]]:
    """Return (resource, the circle in words) for each circle of unconditional references and DependsOn."""
    by_address = {resource.address: resource for resource in resources}
    edges = {address: [target for target in dict.fromkeys(_targets(resource)) if target in by_address]
             for address, resource in by_address.items()}
    found: list[tuple[Resource, str]] = []
    done: set[str] = set()
    for start in edges:
        circle = _circle_from(start, edges, done)
        if circle:
            found.append((by_address[circle[0]], " -> ".join((*circle, circle[0]))))
    return found


def _circle_from(start: str, edges: dict[str, list[str]], done: set[str]) -> list[str]:
    """Return the first circle met when following edges from `start`; what was followed to its end is `done`."""
    route: list[str] = []
    on_route: set[str] = set()
    stack: list[tuple[str, Iterator[str]]] = []
    current: str | None = start if start not in done else None
    circle: list[str] = []
    while current is not None or stack:
        if current is not None:
            route.append(current)
            on_route.add(current)
            stack.append((current, iter(edges[current])))
            current = None
        name, following = stack[-1]
        for target in following:
            if target in on_route and not circle:
                circle = route[route.index(target):]
            elif target not in done and target not in on_route:
                current = target
                break
        if current is None:
            stack.pop()
            route.pop()
            on_route.discard(name)
            done.add(name)
    return circle


def _targets(resource: Resource) -> Iterator[str]:
    """Yield the addresses that a resource's unconditional values refer to."""
    stack: list[Value] = [resource.properties]
    while stack:
        value = stack.pop()
        if isinstance(value, MapValue):
            stack.extend(value.entries.values())
        elif isinstance(value, ListValue):
            stack.extend(value.items)
        elif isinstance(value, Unknown):
            yield from (reference.address for reference in value.references() if not reference.scope)
    depends = resource.attributes.get("DependsOn")
    for item in depends.items if isinstance(depends, ListValue) else (depends,):
        if isinstance(item, Scalar):
            yield str(item.content)
