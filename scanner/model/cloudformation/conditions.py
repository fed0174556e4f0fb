"""Conditions: truth trees over questions about parameters, consistent across the whole template.

A truth tree is a Scalar with a boolean, or a Choice of truth trees. `Equals` on a parameter without a known value
asks about that parameter, so two comparisons of it exclude one another; what cannot be compared at all asks about
the condition by its name.
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Choice, ListValue, Scalar, Unknown, Value
from scanner.core.world import Question
from scanner.model.cloudformation.alternatives import MAX_ALTERNATIVES, chosen, combined, size_of
from scanner.model.cloudformation.strings import text_form

Resolve = Callable[[Node], Value]
Note = Callable[[str, str, str, Location, str], None]
_SHORT = {"!And": "Fn::And", "!Or": "Fn::Or", "!Not": "Fn::Not", "!Equals": "Fn::Equals", "!Condition": "Condition"}


class Conditions:
    """The Conditions section of one template in one environment."""

    def __init__(self, section: Node | None, scope: str, resolve: Resolve, note: Note) -> None:
        """Take the section, the function that gives operands their values, and where to note what is wrong."""
        self.nodes: dict[str, Node] = {}
        if section is not None:
            self.nodes = {key.text: node for key, node in section.pairs}
        self.scope = scope
        self.resolve = resolve
        self.note = note
        self._known: dict[str, Value] = {}
        self._pending: list[str] = []

    def truth(self, name: str, at: Location) -> Value:
        """Return the truth tree of a named condition; an undeclared or circular one is a question of its own."""
        known = self._known.get(name)
        if known is not None:
            return known
        node = self.nodes.get(name)
        if node is None:
            self.note("warning", "cfn-unknown-condition", f"condition {name} is not declared", at,
                      "declare it under Conditions, or correct the name")
            return self._named(name, at)
        if name in self._pending:
            self.note("warning", "cfn-circular", f"condition {name} refers to itself", node.at,
                      "remove the circle from the Conditions section")
            return self._named(name, at)
        self._pending.append(name)
        try:
            tree = self.expression(node, name)
        finally:
            self._pending.pop()
        if size_of(tree) > MAX_ALTERNATIVES:
            tree = self._named(name, at)
        self._known[name] = tree
        return tree

    def _named(self, name: str, at: Location) -> Value:
        return Choice(Question(name, True, (), self.scope), Scalar(True, at), Scalar(False, at), at)

    def expression(self, node: Node, name: str) -> Value:
        """Return the truth tree of a condition expression; `name` is what an undecidable one is called."""
        function, argument = function_of(node)
        if function == "Condition":
            return self.truth(argument.text, argument.at)
        if function == "Fn::Equals":
            return self._equals(argument, name)
        if function in ("Fn::And", "Fn::Or", "Fn::Not"):
            if argument.kind != "sequence" or not argument.items:
                self._misshapen(function, argument)
                return self._named(name, node.at)
            parts = argument.items
            trees = [self.expression(part, f"{name}, part {number}" if len(parts) > 1 else name)
                     for number, part in enumerate(parts, 1)]
            return _combine(function, trees, node.at)
        value = self.resolve(node)
        if isinstance(value, Scalar) and text_form(value.content).lower() in ("true", "false"):
            return Scalar(text_form(value.content).lower() == "true", node.at)
        if not isinstance(value, Unknown):
            self._misshapen(function or "a condition", node)
        return self._named(name, node.at)

    def _misshapen(self, function: str, node: Node) -> None:
        self.note("warning", "cfn-function-shape", f"{function} is not written as CloudFormation expects it", node.at,
                  "give Equals two values, Not one condition, And and Or a list of conditions")

    def _equals(self, argument: Node, name: str) -> Value:
        if argument.kind != "sequence" or len(argument.items) != 2:
            self._misshapen("Fn::Equals", argument)
            return self._named(name, argument.at)
        left, right = (self.resolve(item) for item in argument.items)
        for one, other in ((left, right), (right, left)):
            direct = self._enumerated(one, other, argument.at)
            if direct is not None:
                return direct
        return combined([left, right], lambda pair: self._compare(pair[0], pair[1], name, argument.at), argument.at)

    def _enumerated(self, one: Value, other: Value, at: Location) -> Value | None:
        """Return the direct question for a parameter with allowed values against a known value."""
        if not isinstance(one, Choice) or not isinstance(other, Scalar):
            return None
        question = one.question
        step: Value = one
        while isinstance(step, Choice):
            then = step.then
            if step.question.variable != question.variable or step.question.scope != question.scope \
                    or not isinstance(then, Scalar) or text_form(then.content) != step.question.constant:
                return None
            step = step.otherwise
        if not isinstance(step, Scalar) or not question.domain:
            return None
        constant = text_form(other.content)
        if constant not in question.domain:
            return Scalar(False, at)
        return Choice(Question(question.variable, constant, question.domain, question.scope),
                      Scalar(True, at), Scalar(False, at), at)

    def _compare(self, left: Value, right: Value, name: str, at: Location) -> Value:
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            return Scalar(text_form(left.content) == text_form(right.content), at)
        if isinstance(left, Scalar):
            left, right = right, left
        if isinstance(left, Unknown) and isinstance(right, Scalar):
            constant = text_form(right.content)
            if not _possible(left, constant):
                return Scalar(False, at)
            if left.label and not left.parts:
                return Choice(Question(left.label, constant, (), self.scope), Scalar(True, at), Scalar(False, at), at)
        if isinstance(left, ListValue) and isinstance(right, ListValue) and not left.rest and not right.rest:
            known = [text_form(item.content) for item in (*left.items, *right.items) if isinstance(item, Scalar)]
            if len(known) == len(left) + len(right):
                return Scalar(len(left) == len(right) and known[:len(left)] == known[len(left):], at)
        return self._named(name, at)


def _possible(unknown: Unknown, text: str) -> bool:
    """Tell whether a partly known string can be equal to `text`: its first and last known pieces must fit."""
    parts = unknown.parts
    if not parts:
        return True
    first, last = parts[0], parts[-1]
    if isinstance(first, str) and not text.startswith(first):
        return False
    return not (isinstance(last, str) and not text.endswith(last))


def _combine(function: str, trees: list[Value], at: Location) -> Value:
    true, false = Scalar(True, at), Scalar(False, at)
    if function == "Fn::Not":
        return chosen(trees[0], false, true, at)
    result: Value = true if function == "Fn::And" else false
    for tree in reversed(trees):
        result = chosen(tree, result, false, at) if function == "Fn::And" else chosen(tree, true, result, at)
        if size_of(result) > 4 * MAX_ALTERNATIVES:
            break
    return result


def function_of(node: Node) -> tuple[str, Node]:
    """Return (function name, argument) of a node that calls one, in short or long form; ("", node) otherwise."""
    if node.tag:
        short = _SHORT.get(node.tag) or ("Ref" if node.tag == "!Ref" else "Fn::" + node.tag[1:])
        return short, untagged(node)
    if node.kind == "mapping" and len(node.pairs) == 1:
        key = node.pairs[0][0].text
        if key in ("Ref", "Condition") or key.startswith("Fn::"):
            return key, node.pairs[0][1]
    return "", node


def untagged(node: Node) -> Node:
    """Return the node without its tag."""
    made = Node(node.kind, node.at, content=node.content, text=node.text, style=node.style, pairs=node.pairs,
                items=node.items, text_map=node.text_map)
    made.cut = node.cut
    return made
