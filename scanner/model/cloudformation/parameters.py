"""Parameters of a template: what `Ref` to one means.

In order: a value from a parameter file or the calling stack, the default (a default is what gets deployed unless
someone overrides it), the set of allowed values, and else unknown. `opened` parameters are taken as if they had
neither value nor default: that is how a resource is looked at that the defaults would leave out.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.world import Question
from scanner.model.cloudformation.strings import text_form
from scanner.model.values import scalar_of

MAX_DOMAIN = 24
"""Allowed values beyond which a parameter counts as open rather than as a set."""


class Parameter:
    """One entry of the Parameters section."""

    __slots__ = ("allowed", "at", "default", "hidden", "kind", "name", "node")

    def __init__(self, name: str, at: Location, node: Node) -> None:
        """Take the declaration; wrong shapes count as not written."""
        self.name = name
        self.at = at
        self.node = node
        kind = node.get("Type")
        self.kind = kind.text if kind is not None and kind.kind == "scalar" else "String"
        default = node.get("Default")
        self.default = default if default is not None and default.kind in ("scalar", "sequence") else None
        hidden = node.get("NoEcho")
        self.hidden = hidden is not None and hidden.text.lower() in ("true", "yes", "on")
        allowed = node.get("AllowedValues")
        self.allowed: list[Node] = []
        if allowed is not None and allowed.kind == "sequence":
            self.allowed = [item for item in allowed.items if item.kind == "scalar"]

    @property
    def listed(self) -> bool:
        """Tell whether the value is a list."""
        return self.kind == "CommaDelimitedList" or "List<" in self.kind

    @property
    def stored(self) -> bool:
        """Tell whether the value is read from the parameter store at deployment."""
        return self.kind.startswith("AWS::SSM::Parameter::Value")


class Parameters:
    """The parameters of one template in one environment."""

    def __init__(
        self, declared: dict[str, Parameter], scope: str, given: Mapping[str, Value] | None = None,
        opened: frozenset[str] = frozenset(), *, defaults: bool = True,
    ) -> None:
        """Take the declarations, values from outside, and the parameters to leave open."""
        self.declared = declared
        self.scope = scope
        self.given = given or {}
        self.opened = opened
        self.defaults = defaults
        self.asked: set[str] = set()

    def value(self, name: str, at: Location) -> Value | None:
        """Return what `Ref` to the parameter means at the place `at`; None when it is not declared."""
        parameter = self.declared.get(name)
        if parameter is None:
            return None
        self.asked.add(name)
        if name not in self.opened:
            given = self.given.get(name)
            if given is not None:
                return self._given(parameter, given, at)
            if parameter.default is not None and self.defaults:
                return self._default(parameter, parameter.default, at)
        return self._open(parameter, at)

    def _given(self, parameter: Parameter, given: Value, at: Location) -> Value:
        if parameter.stored:
            return self._stored(parameter, text_form(given.content) if isinstance(given, Scalar) else "?", at)
        if isinstance(given, Scalar):
            return self._typed(parameter, _moved(given, at), at)
        return given

    def _default(self, parameter: Parameter, default: Node, at: Location) -> Value:
        if default.kind == "sequence":
            return ListValue(tuple(scalar_of(item) for item in default.items if item.kind == "scalar"), at)
        if parameter.stored:
            return self._stored(parameter, default.text, at)
        return self._typed(parameter, _moved(scalar_of(default), at), at)

    def _typed(self, parameter: Parameter, value: Scalar, at: Location) -> Value:
        """Return the value as a list where the type says so."""
        if not parameter.listed:
            return value
        text = text_form(value.content)
        items = [item.strip() for item in text.split(",")] if text else []
        return ListValue(tuple(Scalar(item, at) for item in items), at)

    def _stored(self, parameter: Parameter, key: str, at: Location) -> Value:
        return Unknown(f"parameter {parameter.name} is read from the parameter store ({key}) at deployment", at,
                       present=True, label=parameter.name, secret=parameter.hidden)

    def _open(self, parameter: Parameter, at: Location) -> Value:
        unknown = Unknown(
            f"parameter {parameter.name} has no default", at, present=True, label=parameter.name,
            secret=parameter.hidden)
        if not parameter.allowed or parameter.stored or len(parameter.allowed) > MAX_DOMAIN:
            return unknown
        domain = domain_of(parameter)
        result: Value | None = None
        for node in reversed(parameter.allowed):
            value = self._typed(parameter, _moved(scalar_of(node), at), at)
            if result is None:
                result = value
            else:
                question = Question(parameter.name, text_form(scalar_of(node).content), domain, self.scope)
                result = Choice(question, value, result, at)
        return result if result is not None else unknown


def domain_of(parameter: Parameter) -> tuple[str, ...]:
    """Return the allowed values as text, each once."""
    return tuple(dict.fromkeys(text_form(scalar_of(node).content) for node in parameter.allowed))


def _moved(value: Scalar, at: Location) -> Scalar:
    """Return the scalar as it stands at the place of its use; its text map still leads to where it was written."""
    return Scalar(value.content, at, lambda: value.text_map, quoted=value.quoted)


def declared_parameters(section: Node | None) -> dict[str, Parameter]:
    """Return the entries of a Parameters section; what is no mapping is left out."""
    if section is None:
        return {}
    return {key.text: Parameter(key.text, key.at, node) for key, node in section.pairs if node.kind == "mapping"}


def parameter_properties(parameter: Parameter) -> MapValue:
    """Return a declaration as a mapping value, for rules that judge parameters."""
    from scanner.model.values import value_of

    value = value_of(parameter.node)
    return value if isinstance(value, MapValue) else MapValue({}, parameter.at)
