"""Expressions to values, with everything that Terraform knows before `plan` worked out and the rest unknown.

A condition that cannot be known gives a `Choice`; an operation on unknown operands gives an unknown with the reason
of the first one. Nothing here raises for any expression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scanner.core.artifact import Artifact
from scanner.core.location import Location, Piece, TextMap
from scanner.core.value import Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.world import Question
from scanner.model.terraform.domain import (
    Failure,
    Lazy,
    Open,
    choice,
    failure,
    first_unknown,
    lifted,
    moved,
)
from scanner.model.terraform.operators import as_boolean, as_text, binary, negation
from scanner.parse.hcl import tree
from scanner.parse.hcl.template import Interpolation

if TYPE_CHECKING:
    from scanner.model.terraform.module import ModuleInstance

MAX_ITEMS = 20_000


class Scope:
    """Where an expression stands: its file, its module instance, and the names that loops and blocks bind."""

    __slots__ = ("artifact", "module", "names")

    def __init__(self, module: ModuleInstance, artifact: Artifact, names: dict[str, Value] | None = None) -> None:
        self.module = module
        self.artifact = artifact
        self.names = names or {}

    def at(self, node: tree.Node | tree.Argument | tree.Block) -> Location:
        """Return the node's place; inside a third-party module, the place of the call."""
        place = self.module.place
        if place is not None:
            return place
        return self.artifact.span(node.start, node.end)

    def text(self, node: tree.Node) -> str:
        """Return the node's source on one line, shortened."""
        text = " ".join(self.artifact.text[node.start : node.end].split())
        return text if len(text) <= 80 else text[:77] + "..."

    def piece_map(self, pieces: tuple[tuple[int, int], ...]) -> Callable[[], TextMap] | None:
        """Return a function that makes the map of a literal's content; None in third-party code."""
        return _piece_map(pieces, self.artifact) if pieces and self.module.place is None else None

    def of(self, part: tree.Argument | tree.Block) -> Scope:
        """Return the scope for a part that may come from an override file."""
        return self if part.origin is None else Scope(self.module, part.origin, self.names)

    def within(self, names: dict[str, Value]) -> Scope:
        """Return this scope with further names."""
        return Scope(self.module, self.artifact, {**self.names, **names})


def evaluate(node: tree.Node, scope: Scope) -> Value:
    """Return the value of an expression."""
    return _EVALUATORS[type(node)](node, scope)


def _literal(node: tree.Literal, scope: Scope) -> Value:
    at = scope.at(node)
    if node.pieces:
        return Scalar(node.content, at, scope.piece_map(node.pieces), quoted=node.quoted)
    return Scalar(node.content, at, quoted=node.quoted)


def _piece_map(pieces: tuple[tuple[int, int], ...], artifact: Artifact) -> Callable[[], TextMap]:
    """Return a function that makes the map of a literal's content from its source offsets."""

    def make() -> TextMap:
        placed = []
        for offset, source in pieces:
            line, column = artifact.position(source)
            placed.append(Piece(offset, artifact.path, line, column))
        return TextMap(tuple(placed))

    return make


def _name(node: tree.Name, scope: Scope) -> Value:
    bound = scope.names.get(node.name)
    if bound is not None:
        return moved(bound, scope.at(node))
    return scope.module.root_name(node.name, scope.at(node))


def _attribute(node: tree.Attribute, scope: Scope) -> Value:
    target = node.target
    if type(target) is tree.Name and target.name not in scope.names:
        found = scope.module.traverse(target.name, node.name, scope.at(node))
        return moved(found, scope.at(node))
    return step(evaluate(target, scope), node.name, scope.at(node))


def step(value: Value, name: str, at: Location) -> Value:
    """Return the attribute `name` of a value, or the item at that position."""
    if isinstance(value, Lazy):
        return moved(value.get(name), at)
    if isinstance(value, MapValue):
        found = value.entries.get(name)
        if found is not None:
            return moved(found, at)
        if value.rest is not None:
            return _part_of(value.rest, name, at)
        return failure(f'there is no attribute "{name}"', at)
    if isinstance(value, ListValue):
        if name.isdigit():
            return item_at(value, int(name), at)
        return failure(f'a list has no attribute "{name}"', at)
    if isinstance(value, Choice):
        return lifted((value,), at, lambda values: step(values[0], name, at))
    if isinstance(value, Unknown):
        return _part_of(value, name, at)
    return failure(f'there is no attribute "{name}"', at)


def _part_of(value: Unknown, name: str, at: Location) -> Value:
    """Return an unknown for a part of an unknown; an open variable's part can be asked about too."""
    if isinstance(value, Open):
        return Open(value.reason, at, f"{value.question}.{name}", value.question_scope)
    if isinstance(value, Failure):
        return Failure(value.reason, at)
    return Unknown(value.reason, at, refers=value.refers)


def _index(node: tree.Index, scope: Scope) -> Value:
    target, key = evaluate(node.target, scope), evaluate(node.key, scope)
    at = scope.at(node)
    return lifted((target, key), at, lambda values: indexed(values[0], values[1], at))


def indexed(target: Value, key: Value, at: Location) -> Value:
    """Return `target[key]` for values without top-level Choices."""
    if isinstance(target, Unknown):
        if isinstance(key, Scalar) and isinstance(target, Open):
            return _part_of(target, str(key.content), at)
        return _part_of(target, "", at) if not isinstance(target, Open) else Unknown(target.reason, at)
    if isinstance(key, Unknown):
        return Failure(key.reason, at) if isinstance(key, Failure) else _any_item(target, key, at)
    if not isinstance(key, Scalar):
        return failure("an index must be a number or a string", at)
    content = key.content
    if isinstance(target, ListValue):
        position = _whole_number(content)
        if position is None:
            return failure("a list takes a whole number as index", at)
        return item_at(target, position, at)
    return step(target, as_text(key) or "", at)


def _any_item(target: Value, key: Unknown, at: Location) -> Value:
    """Return what an unknown index yields: the only item when there is just one, else unknown."""
    if isinstance(target, ListValue) and len(target.items) == 1 and target.rest is None:
        return moved(target.items[0], at)
    return Unknown(key.reason, at)


def _whole_number(content: object) -> int | None:
    if isinstance(content, bool):
        return None
    if isinstance(content, str) and content.lstrip("-").isdigit() and len(content) < 18:
        return int(content)
    if isinstance(content, float) and content.is_integer():
        return int(content)
    return content if isinstance(content, int) else None


def item_at(value: ListValue, position: int, at: Location) -> Value:
    """Return the item at a position."""
    if 0 <= position < len(value.items):
        return moved(value.items[position], at)
    if value.rest is not None:
        return _part_of(value.rest, str(position), at)
    return failure(f"the list has {len(value.items)} items, there is no index {position}", at)


def _splat(node: tree.Splat, scope: Scope) -> Value:
    at = scope.at(node)

    def apply(values: tuple[Value, ...]) -> Value:
        target = values[0]
        if isinstance(target, Unknown):
            rest = target if isinstance(target, Failure) else Unknown(target.reason, at, refers=target.refers)
            return rest
        if isinstance(target, Scalar) and target.content is None:
            return ListValue((), at)
        if isinstance(target, Lazy) and (opened := getattr(target, "instances", None)) is not None:
            target = opened(at)
        items = target.items if isinstance(target, ListValue) else (target,)
        found = tuple(evaluate(node.each, scope.within({"": item})) for item in items)
        return ListValue(found, at, target.rest if isinstance(target, ListValue) else None)

    return lifted((evaluate(node.target, scope),), at, apply)


def _call(node: tree.Call, scope: Scope) -> Value:
    from scanner.model.terraform.functions import call

    return call(node, scope)


def _unary(node: tree.Unary, scope: Scope) -> Value:
    at = scope.at(node)
    operand = evaluate(node.operand, scope)
    if node.operator == "!":
        operand = as_condition(operand, node.operand, scope)
    return lifted((operand,), at, lambda values: negation(node.operator, values[0], at))


def _binary(node: tree.Binary, scope: Scope) -> Value:
    at, operator = scope.at(node), node.operator
    left, right = evaluate(node.left, scope), evaluate(node.right, scope)
    if operator in ("&&", "||"):
        left = as_condition(left, node.left, scope)
        right = as_condition(right, node.right, scope)
    elif operator in ("==", "!="):
        asked = _comparison(node, left, right, at) or _comparison(node, right, left, at)
        if asked is not None:
            return asked
    return lifted((left, right), at, lambda values: binary(operator, values[0], values[1], at))


def _comparison(node: tree.Binary, variable: Value, constant: Value, at: Location) -> Value | None:
    """Return a Choice for an open variable held against a known text; None for any other pair."""
    if not (isinstance(variable, Open) and type(constant) is Scalar and isinstance(constant.content, (str, bool))):
        return None
    content = constant.content
    question = Question(variable.question, True if content is False else content, (), variable.question_scope)
    holds = (node.operator == "==") != (content is False)
    return Choice(question, Scalar(holds, at), Scalar(not holds, at), at)


def as_condition(value: Value, node: tree.Node, scope: Scope) -> Value:
    """Return a boolean value; an unknown one becomes a Choice that asks the question by its name."""
    if isinstance(value, Failure) or not isinstance(value, Unknown):
        return value
    at = scope.at(node)
    if isinstance(value, Open):
        question = Question(value.question, True, (), value.question_scope)
    else:
        question = Question(scope.text(node), True, (), scope.module.question_scope)
    return Choice(question, Scalar(True, at), Scalar(False, at), at)


def truth(value: Value) -> bool | None:
    """Return a known boolean ("true" and "false" convert), else None."""
    return as_boolean(value)


def _conditional(node: tree.Conditional, scope: Scope) -> Value:
    at = scope.at(node)
    condition = as_condition(evaluate(node.condition, scope), node.condition, scope)
    return _decided(condition, node, scope, at, 8)


def _decided(condition: Value, node: tree.Conditional, scope: Scope, at: Location, left: int) -> Value:
    if isinstance(condition, Choice):
        if left == 0:
            return Unknown("depends on too many open conditions", at)
        then = _decided(condition.then, node, scope, at, left - 1)
        otherwise = _decided(condition.otherwise, node, scope, at, left - 1)
        return choice(condition.question, then, otherwise, at)
    holds = truth(condition)
    if holds is None:
        return failure(condition.reason if isinstance(condition, Unknown) else "the condition is no boolean", at)
    return evaluate(node.then if holds else node.otherwise, scope)


def _tuple(node: tree.Tuple, scope: Scope) -> Value:
    return ListValue(tuple([evaluate(item, scope) for item in node.items]), scope.at(node))


def _object(node: tree.Object, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    rest: Unknown | None = None
    for key_node, value_node in node.pairs:
        key = evaluate(key_node, scope)
        name = as_text(key)
        if name is None:
            reason = key.reason if isinstance(key, Unknown) else "a key depends on an open condition"
            rest = Unknown(reason, scope.at(key_node))
            continue
        entries[name] = evaluate(value_node, scope)
        keys_at[name] = scope.at(key_node)
    return MapValue(entries, scope.at(node), keys_at, rest)


def pairs_of(value: Value) -> tuple[list[tuple[Value, Value]], Unknown | None] | None:
    """Return (key, item) pairs of a collection and its unknown rest; None for anything else."""
    if isinstance(value, ListValue):
        return [(Scalar(index, item.at), item) for index, item in enumerate(value.items)], value.rest
    if isinstance(value, MapValue):
        ordered = sorted(value.entries)
        return [(Scalar(key, value.key_at(key)), value.entries[key]) for key in ordered], value.rest
    return None


def _for(node: tree.For, scope: Scope) -> Value:
    at = scope.at(node)
    return lifted((evaluate(node.collection, scope),), at, lambda values: _looped(node, scope, values[0], at))


def _looped(node: tree.For, scope: Scope, collection: Value, at: Location) -> Value:
    if isinstance(collection, Lazy):
        collection = collection.whole()
    found = pairs_of(collection)
    if found is None:
        if isinstance(collection, Unknown):
            return Failure(collection.reason, at) if isinstance(collection, Failure) else Unknown(
                collection.reason, at, refers=collection.refers)
        return failure("a for-expression needs a collection", at)
    pairs, rest = found
    if len(pairs) > MAX_ITEMS or not scope.module.run.spend(len(pairs)):
        return Unknown(f"a loop over {len(pairs)} items is more than we evaluate", at)
    loop = _Loop(node, rest)
    for key, item in pairs:
        names = {node.value: item, node.key: key} if node.key else {node.value: item}
        loop.add(scope.within(names))
    return loop.result(at)


class _Loop:
    """Gathers what a for-expression yields."""

    def __init__(self, node: tree.For, rest: Unknown | None) -> None:
        self.node = node
        self.rest = rest
        self.items: list[Value] = []
        self.entries: dict[str, Value] = {}
        self.groups: dict[str, list[Value]] = {}

    def add(self, scope: Scope) -> None:
        """Evaluate the body for one item."""
        node = self.node
        guard: Value | None = None
        if node.condition is not None:
            condition = as_condition(evaluate(node.condition, scope), node.condition, scope)
            holds = truth(condition)
            if holds is False:
                return
            if holds is None:
                guard = condition
        if node.key_result is None:
            item = evaluate(node.result, scope)
            self.items.append(_guarded(guard, item, scope.at(node.result)))
            return
        key = evaluate(node.key_result, scope)
        name = as_text(key)
        if name is None:
            self.rest = Unknown(_reason(key), scope.at(node.key_result))
        elif node.group:
            self.groups.setdefault(name, []).append(evaluate(node.result, scope))
        else:
            self.entries[name] = _guarded(guard, evaluate(node.result, scope), scope.at(node.result))

    def result(self, at: Location) -> Value:
        """Return the list or mapping."""
        if self.node.key_result is None:
            return ListValue(tuple(self.items), at, self.rest)
        if self.node.group:
            self.entries = {key: ListValue(tuple(items), at) for key, items in self.groups.items()}
        return MapValue(self.entries, at, None, self.rest)


def _reason(value: Value) -> str:
    unknown = first_unknown(value)
    return unknown.reason if unknown is not None else "a key must be a text"


def _guarded(guard: Value | None, item: Value, at: Location) -> Value:
    """Return the item as far as its open `if` lets it through."""
    from scanner.core.value import Absent

    if guard is None:
        return item
    if isinstance(guard, Choice):
        return Choice(guard.question, _guarded(guard.then, item, at), _guarded(guard.otherwise, item, at), at)
    return item if truth(guard) else Absent(at)


def _template(node: tree.Template, scope: Scope) -> Value:
    if len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
        return moved(evaluate(node.parts[0].inner, scope), scope.at(node))
    return render(node.parts, scope, scope.at(node))


def render(parts: list[tree.Node], scope: Scope, at: Location) -> Value:
    """Return the text that template parts make."""
    from scanner.model.terraform.templates import rendered

    return rendered(parts, scope, at)


def _interpolation(node: Interpolation, scope: Scope) -> Value:
    return evaluate(node.inner, scope)


def _parenthesis(node: tree.Parenthesis, scope: Scope) -> Value:
    return evaluate(node.inner, scope)


_EVALUATORS: dict[type, Callable[..., Value]] = {
    tree.Literal: _literal,
    tree.Name: _name,
    tree.Attribute: _attribute,
    tree.Index: _index,
    tree.Splat: _splat,
    tree.Call: _call,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: _conditional,
    tree.Tuple: _tuple,
    tree.Object: _object,
    tree.For: _for,
    tree.Template: _template,
    tree.Parenthesis: _parenthesis,
    Interpolation: _interpolation,
}
