"""`count` and `for_each`: which instances a block has, under which conditions, and how references see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scanner.core.location import Location
from scanner.core.projection import alternatives
from scanner.core.value import Absent, Choice, ListValue, MapValue, Reference, Scalar, Unknown, Value
from scanner.core.world import Guard
from scanner.model.terraform.configuration import Item
from scanner.model.terraform.domain import Lazy, PartlyText, Traced, is_null, lifted, moved
from scanner.model.terraform.evaluate import Scope, evaluate
from scanner.model.terraform.operators import as_number, as_text

if TYPE_CHECKING:
    from scanner.model.terraform.module import ModuleInstance

MAX_INSTANCES = 1000


class Instance:
    """One instance of a block: its address from the root, its scope, and when it exists."""

    __slots__ = ("address", "guard", "item", "made", "module", "names", "scope", "several", "tried")

    def __init__(self, module: ModuleInstance, item: Item, address: str, names: dict[str, Value], guard: Guard) -> None:
        self.module = module
        self.item = item
        self.address = address
        self.names = names
        self.guard = guard
        self.scope = Scope(module, item.artifact, names)
        self.made: ModuleInstance | None = None
        self.tried = False
        self.several = False

    def attribute(self, name: str, at: Location) -> Value:
        """Return an attribute as a reference to it sees it."""
        body = self.item.block.body
        refers = Reference(self.address, name)
        if self.item.block.name == "data":
            from scanner.model.terraform.data_sources import data_attribute

            found = data_attribute(self, name, at)
            if found is not None:
                return found
        argument = body.arguments.get(name)
        if argument is not None:
            value = evaluate(argument.expression, self.scope.of(argument))
            if not is_null(value):
                return traced(value, at, refers)
        word = "read from AWS" if self.item.block.name == "data" else "known after it is applied"
        computed = Unknown(f"{self.address}.{name} is {word}", at, refers=refers)
        if any(block.name == name or (block.labels == (name,) and block.name == "dynamic") for block in body.blocks):
            from scanner.model.terraform.blocks import blocks_value

            return with_computed(blocks_value(body, name, self.scope), computed)
        return computed


def with_computed(value: Value, computed: Unknown) -> Value:
    """Return blocks as a reference sees them: what is not written may be set by AWS."""
    if isinstance(value, ListValue):
        return ListValue(tuple(with_computed(item, computed) for item in value.items), value.at, value.rest)
    if isinstance(value, MapValue) and value.rest is None:
        return MapValue(value.entries, value.at, value.keys_at, computed)
    if isinstance(value, Choice):
        then, otherwise = with_computed(value.then, computed), with_computed(value.otherwise, computed)
        return Choice(value.question, then, otherwise, value.at)
    return value


def traced(value: Value, at: Location, refers: Reference) -> Value:
    """Return an argument's value with the trace to its resource."""
    if type(value) is Scalar and isinstance(value.content, str):
        return Traced(value, at, refers)
    if isinstance(value, Choice):
        return Choice(value.question, traced(value.then, at, refers), traced(value.otherwise, at, refers), at)
    if type(value) is Unknown and value.refers is None:
        return Unknown(value.reason, at, refers=refers, parts=())
    if isinstance(value, PartlyText) and value.refers is None:
        return PartlyText(value.reason, at, value.parts, value.piece_map, refers)
    return moved(value, at)


class Expansion:
    """All instances of a block. `form` is single, count, each or open; `value` is the count or for_each value."""

    __slots__ = ("by_key", "form", "instances", "value")

    def __init__(self, form: str, instances: list[Instance], value: Value | None = None) -> None:
        self.form = form
        self.instances = instances
        self.value = value
        self.by_key: dict[str, Instance] = {}


def base_address(item: Item, module: ModuleInstance) -> str:
    """Return the address of a block without index."""
    block = item.block
    if block.name == "module":
        return module.prefixed(f"module.{block.labels[0]}")
    address = ".".join(block.labels[:2])
    return module.prefixed(address if block.name == "resource" else f"{block.name}.{address}")


def expand(item: Item, module: ModuleInstance) -> Expansion:
    """Return the instances of a resource, data source or module call."""
    arguments = item.block.body.arguments
    address = base_address(item, module)
    if "count" in arguments:
        return _counted(item, module, address, evaluate(arguments["count"].expression, module.scope(item)))
    if "for_each" in arguments:
        return _keyed(item, module, address, evaluate(arguments["for_each"].expression, module.scope(item)))
    return Expansion("single", [Instance(module, item, address, {}, ())])


def _open(item: Item, module: ModuleInstance, address: str, reason: str, at: Location) -> Instance:
    """Return the one instance that stands for all when their number is not known."""
    unknown = Unknown(reason, at, present=True)
    each = MapValue({"key": unknown, "value": unknown}, at)
    made = Instance(module, item, address, {"each": each, "count": MapValue({"index": unknown}, at)}, ())
    made.several = True
    return made


def _counted(item: Item, module: ModuleInstance, address: str, value: Value) -> Expansion:
    cases: list[tuple[Guard, int]] = []
    for guard, case in alternatives(value):
        number = as_number(case)
        if number is None:
            reason = case.reason if isinstance(case, Unknown) else "count is no number"
            return Expansion("open", [_open(item, module, address, reason, value.at)], value)
        cases.append((guard, min(int(number), MAX_INSTANCES)))
    result = Expansion("count", [], value)
    highest = max((number for _, number in cases), default=0)
    if not module.run.spend(highest):
        return Expansion("open", [_open(item, module, address, "too many instances", value.at)], value)
    for index in range(highest):
        holding = [guard for guard, number in cases if number > index]
        guards: list[Guard] = [()] if len(holding) == len(cases) else holding
        for guard in guards:
            names: dict[str, Value] = {"count": MapValue({"index": Scalar(index, value.at)}, value.at)}
            instance = Instance(module, item, f"{address}[{index}]", names, guard)
            result.instances.append(instance)
            result.by_key.setdefault(str(index), instance)
    return result


def _keyed(item: Item, module: ModuleInstance, address: str, value: Value) -> Expansion:
    result = Expansion("each", [], value)
    for guard, case in alternatives(value):
        if isinstance(case, Lazy):
            case = case.whole()
        if isinstance(case, MapValue):
            pairs: list[tuple[Value, Value]] = [
                (Scalar(key, case.key_at(key)), case.entries[key]) for key in sorted(case.entries)]
            rest = case.rest
        elif isinstance(case, ListValue):
            pairs, rest = [(entry, entry) for entry in case.items], case.rest
        else:
            reason = case.reason if isinstance(case, Unknown) else "for_each is no collection"
            if not isinstance(case, Scalar):
                return Expansion("open", [_open(item, module, address, reason, value.at)], value)
            continue
        if not _add_pairs(result, item, module, address, pairs[:MAX_INSTANCES], guard):
            return Expansion("open", [_open(item, module, address, "too many instances", value.at)], value)
        if rest is not None:
            result.instances.append(_open(item, module, address, rest.reason, value.at))
    return result


def _add_pairs(
    result: Expansion, item: Item, module: ModuleInstance, address: str, pairs: list[tuple[Value, Value]], guard: Guard
) -> bool:
    """Append an instance for every pair; False when the budget of the run is spent."""
    if not module.run.spend(len(pairs)):
        return False
    for key, entry in pairs:
        for more, case in alternatives(key if key is entry else entry):
            if isinstance(case, Absent):
                continue
            known_key = case if key is entry else key
            text = as_text(known_key)
            names: dict[str, Value] = {"each": MapValue({"key": known_key, "value": case}, case.at)}
            if text is None:
                result.instances.append(Instance(module, item, address, names, (*guard, *more)))
                continue
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')
            instance = Instance(module, item, f'{address}["{quoted}"]', names, (*guard, *more))
            result.instances.append(instance)
            result.by_key.setdefault(text, instance)
    return True


class OpenGroup(Lazy):
    """A block whose number of instances is not known: every index leads to the one that stands for all."""

    __slots__ = ("element",)

    def __init__(self, element: Lazy, at: Location) -> None:
        self.element = element
        self.at = at

    def get(self, key: str) -> Value:
        """Return the instance that stands for all."""
        return self.element

    def instances(self, at: Location) -> ListValue:
        """Return a list that is known to have unknown length."""
        return ListValue((self.element,), at, Unknown("the number of instances is not known", at))

    def whole(self) -> Value:
        """Return an unknown that refers to the block."""
        return self.element.whole()


def group_value(expansion: Expansion, at: Location, wrap: Callable[[Instance, Location], Lazy]) -> Value:
    """Return what a reference to the whole block means: an object, a list or a mapping of objects."""
    if expansion.form == "single":
        return wrap(expansion.instances[0], at)
    if expansion.form == "open" or expansion.value is None:
        return OpenGroup(wrap(expansion.instances[0], at), at)

    def grouped(values: tuple[Value, ...]) -> Value:
        case = values[0].whole() if isinstance(values[0], Lazy) else values[0]
        if expansion.form == "count":
            number = int(as_number(case) or 0)
            chosen = [expansion.by_key[str(i)] for i in range(number) if str(i) in expansion.by_key]
            return ListValue(tuple(wrap(instance, at) for instance in chosen), at)
        return _keyed_value(expansion, case, at, wrap)

    return lifted((expansion.value,), at, grouped)


def _keyed_value(
    expansion: Expansion, case: Value, at: Location, wrap: Callable[[Instance, Location], Lazy]
) -> Value:
    entries: dict[str, Value] = {}
    rest: Unknown | None = None
    if isinstance(case, MapValue):
        keys, rest = list(case.entries), case.rest
    elif isinstance(case, ListValue):
        rest = case.rest
        keys = []
        for item in case.items:
            text = as_text(item)
            if text is None:
                rest = Unknown("a key is not known", at)
            else:
                keys.append(text)
    else:
        return MapValue({}, at)
    for key in keys:
        instance = expansion.by_key.get(key)
        if instance is not None:
            value: Value = wrap(instance, at)
            held = case.entries.get(key) if isinstance(case, MapValue) else None
            if isinstance(held, Choice):
                value = Choice(held.question, value if not isinstance(held.then, Absent) else held.then,
                               value if not isinstance(held.otherwise, Absent) else held.otherwise, at)
            entries[key] = value
    return MapValue(entries, at, None, rest)
