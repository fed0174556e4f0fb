"""The functions of CloudFormation and its language extensions, one Python function each.

Each takes (resolver, argument node, place of the call) and returns a value. An argument that depends on open
conditions is looked at case by case; one that is not known makes the result unknown, keeping what is known of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Absent, Choice, ListValue, MapValue, Reference, Scalar, Unknown, Value
from scanner.model.cloudformation.alternatives import MAX_ALTERNATIVES, chosen, combined, size_of
from scanner.model.cloudformation.mappings import find_in_map
from scanner.model.cloudformation.resolver import Resolver, known_text
from scanner.model.cloudformation.strings import Run, assembled, run_of, slice_of, split_string, text_form

_PLACEHOLDER = re.compile(r"\$\{([^!{}][^{}]*)\}")
_PSEUDO_UNKNOWN = {
    "AWS::Region": "the region is chosen at deployment",
    "AWS::AccountId": "the account is chosen at deployment",
    "AWS::StackName": "the stack's name is chosen at deployment",
    "AWS::StackId": "the stack's id is given at deployment",
    "AWS::NotificationARNs": "the notification topics are chosen at deployment",
}
_PSEUDO_KNOWN = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
"""Taken as in the commercial partition: almost every policy ARN in a template names it."""


ECHOED = frozenset((
    ("AWS::EC2::VPC", "CidrBlock"), ("AWS::EC2::Subnet", "CidrBlock"), ("AWS::EC2::Subnet", "AvailabilityZone"),
))
"""Attributes that give back a property as it was stated."""


def reference(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Ref`: a parameter, a pseudo parameter, a resource."""
    name = resolver.plain_text(argument)
    if not name:
        return resolver.misshapen("Ref", at, "the name of a parameter or resource")
    return named(resolver, name, at)


def named(resolver: Resolver, name: str, at: Location) -> Value:
    """Return what a name stands for in `Ref` and in `${...}`."""
    value = resolver.reference(name, at)
    if value is not None:
        return value
    if name.startswith("AWS::"):
        return _pseudo(resolver, name, at)
    if name in resolver.resources:
        return Unknown(f"the value of {name} is known after deployment", at, refers=Reference(name, "Ref"),
                       present=True, label=name)
    if resolver.resources_open:
        return Unknown(f"{name} is made by a transform at deployment", at, refers=Reference(name, "Ref"), label=name)
    resolver.note("warning", "cfn-unknown-reference", f"{name} is neither a parameter nor a resource here", at,
                  "declare it, or correct the name")
    return Unknown(f"{name} is not declared in the template", at, refers=Reference(name, "Ref"), label=name)


def _pseudo(resolver: Resolver, name: str, at: Location) -> Value:
    if name == "AWS::NoValue":
        return Absent(at)
    known = _PSEUDO_KNOWN.get(name)
    if known is not None:
        return Scalar(known, at)
    reason = _PSEUDO_UNKNOWN.get(name)
    if reason is None:
        resolver.note("warning", "cfn-unknown-reference", f"{name} is no pseudo parameter", at, "correct the name")
        return Unknown(f"{name} is no pseudo parameter", at)
    return Unknown(reason, at, present=True, label=name)


def get_attribute(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::GetAtt`: "Resource.Attribute", or a list of the two; the attribute may be a `Ref`."""
    text = resolver.plain_text(argument)
    if text is not None:
        resource, _, attribute = text.partition(".")
        return attribute_of(resolver, resource, attribute, at)
    if argument.kind == "sequence" and len(argument.items) >= 2:
        values = [resolver.value(item) for item in argument.items]

        def join(parts: list[Value]) -> Value:
            texts = [known_text(part) for part in parts]
            if any(part is None for part in texts):
                return Unknown("the attribute's name is not known", at)
            names = [str(part) for part in texts]
            return attribute_of(resolver, names[0], ".".join(names[1:]), at)

        return combined(values, join, at)
    return resolver.misshapen("Fn::GetAtt", at, "Resource.Attribute")


def attribute_of(resolver: Resolver, resource: str, attribute: str, at: Location) -> Value:
    """Return an attribute of a resource: an output of a local nested stack, else a reference."""
    if attribute.startswith("Outputs."):
        found = resolver.outside(f"output:{resource}.{attribute[len('Outputs.'):]}", at)
        if found is not None:
            return found
    if resource not in resolver.resources and not resolver.resources_open:
        resolver.note("warning", "cfn-unknown-reference", f"{resource} is no resource of this template", at,
                      "declare it, or correct the name")
        return Unknown(f"{resource} is not declared in the template", at, refers=Reference(resource, attribute),
                       label=f"{resource}.{attribute}")
    if (resolver.resources.get(resource), attribute) in ECHOED:
        stated = resolver.property_of(resource, attribute)
        if isinstance(stated, Scalar):
            return Scalar(stated.content, at, lambda: stated.text_map, quoted=stated.quoted)
    return Unknown(f"{resource}.{attribute} is known after deployment", at, refers=Reference(resource, attribute),
                   present=True, label=f"{resource}.{attribute}")


def substitute(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Sub`: a text with `${Name}`, `${Resource.Attribute}` and `${!literal}`, or a list of text and names."""
    names: dict[str, Node] = {}
    text_node = argument
    if argument.kind == "sequence":
        if len(argument.items) != 2 or argument.items[1].kind != "mapping":
            return resolver.misshapen("Fn::Sub", at, "a text, or [text, {name: value}]")
        text_node = argument.items[0]
        names = {key.text: value for key, value in argument.items[1].pairs}
    written = text_node.kind == "scalar" and not text_node.tag
    template = resolver.literal(text_node) if written else resolver.value(text_node)
    if isinstance(template, Unknown):
        return Unknown(template.reason, at, present=True)
    if not isinstance(template, Scalar):
        return resolver.misshapen("Fn::Sub", at, "a text, or [text, {name: value}]")
    if not isinstance(template.content, str):
        return Scalar(text_form(template.content), at)
    return _substituted(resolver, template, names, at)


def _substituted(resolver: Resolver, template: Scalar, names: dict[str, Node], at: Location) -> Value:
    text = str(template.content)
    pieces: list[Run | int] = []   # literal runs, and indexes into `values`
    values: list[Value] = []
    places: list[Location] = []
    start = 0
    for match in _PLACEHOLDER.finditer(text):
        pieces += _literal_runs(template, start, match.start())
        start = match.end()
        name = match.group(1).strip()
        place = template.span(match.start(), match.end())
        pieces.append(len(values))
        values.append(_placeholder(resolver, name, names, place))
        places.append(place)
    pieces += _literal_runs(template, start, len(text))
    if not values and len(pieces) == 1 and isinstance(pieces[0], Run) and pieces[0].parts == (text,):
        return _plain(template, at)

    def build(known: list[Value]) -> Value:
        runs: list[Run] = []
        for piece in pieces:
            if isinstance(piece, Run):
                runs.append(piece)
                continue
            run = run_of(known[piece], places[piece])
            if run is None:
                return Unknown("a list or mapping stands in a text", at)
            runs.append(run)
        return assembled(runs, at)

    return combined(values, build, at)


def _plain(template: Scalar, at: Location) -> Value:
    from scanner.model.cloudformation.strings import with_dynamic_references

    return with_dynamic_references(Scalar(template.content, at, lambda: template.text_map, quoted=template.quoted))


def _literal_runs(template: Scalar, start: int, end: int) -> list[Run]:
    """Return the literal text between placeholders; `${!Name}` loses its exclamation mark."""
    text = str(template.content)
    runs: list[Run] = []
    while True:
        mark = text.find("${!", start, end)
        if mark < 0:
            break
        runs.append(slice_of(template, start, mark + 2))
        start = mark + 3
    if start < end:
        runs.append(slice_of(template, start, end))
    return runs


def _placeholder(resolver: Resolver, name: str, names: dict[str, Node], place: Location) -> Value:
    own = names.get(name)
    if own is not None:
        return resolver.value(own)
    earlier = resolver.variable(name, place)
    if earlier is not None:
        return earlier
    if "." in name:
        resource, _, attribute = name.partition(".")
        return attribute_of(resolver, resource, attribute, place)
    return named(resolver, name, place)


def join(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Join`: a delimiter and a list."""
    if argument.kind != "sequence" or len(argument.items) != 2:
        return resolver.misshapen("Fn::Join", at, "[delimiter, [values]]")
    delimiter = resolver.value(argument.items[0])
    items = resolver.value(argument.items[1])

    def with_list(pair: list[Value]) -> Value:
        mark, listed = pair
        if isinstance(listed, Unknown):
            return Unknown(listed.reason, at, present=True)
        if not isinstance(listed, ListValue) or not isinstance(mark, Scalar):
            return Unknown("Fn::Join has an argument that is not known", at, present=True)
        rest = listed.rest
        values: list[Value] = list(listed.items) + ([rest] if rest is not None else [])
        return combined(values, lambda known: _joined(mark, known, at), at)

    return combined([delimiter, items], with_list, at)


def _joined(delimiter: Scalar, values: list[Value], at: Location) -> Value:
    runs: list[Run] = []
    between = run_of(delimiter)
    for value in values:
        if isinstance(value, Absent):
            continue
        run = run_of(value)
        if run is None:
            return Unknown("a list or mapping stands in a text", at)
        if runs and between is not None and between.parts:
            runs.append(between)
        runs.append(run)
    return assembled(runs, at)


def split(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Split`: a delimiter and a text."""
    if argument.kind != "sequence" or len(argument.items) != 2:
        return resolver.misshapen("Fn::Split", at, "[delimiter, text]")
    values = [resolver.value(item) for item in argument.items]

    def cut(pair: list[Value]) -> Value:
        delimiter = known_text(pair[0])
        if delimiter is None:
            return Unknown("the delimiter of Fn::Split is not known", at, present=True)
        return split_string(pair[1], delimiter, at)

    return combined(values, cut, at)


def select(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Select`: a 0-based index and a list."""
    if argument.kind != "sequence" or len(argument.items) != 2:
        return resolver.misshapen("Fn::Select", at, "[index, [values]]")
    values = [resolver.value(item) for item in argument.items]

    def pick(pair: list[Value]) -> Value:
        index, listed = known_text(pair[0]), pair[1]
        if index is None or not index.lstrip("-").isdigit():
            return Unknown("the index of Fn::Select is not known", at, present=True)
        if isinstance(listed, Unknown):
            return Unknown(listed.reason, at, refers=listed.refers, present=True)
        if not isinstance(listed, ListValue):
            return resolver.misshapen("Fn::Select", at, "[index, [values]]")
        position = int(index)
        if 0 <= position < len(listed.items):
            return listed.items[position]
        if listed.rest is not None:
            return Unknown(listed.rest.reason, at, present=True)
        resolver.note("warning", "cfn-select-range", f"Fn::Select asks for item {index} of {len(listed)}", at,
                      "indexes start at 0")
        return Unknown("Fn::Select asks for an item that the list does not have", at)

    return combined(values, pick, at)


def conditional(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::If`: a condition, the value when it holds, the value when not."""
    if argument.kind != "sequence" or len(argument.items) != 3:
        return resolver.misshapen("Fn::If", at, "[condition, value if true, value if false]")
    truth = resolver.truth(argument.items[0])
    if isinstance(truth, Scalar):
        return resolver.value(argument.items[1 if truth.content is True else 2])
    if size_of(truth) > MAX_ALTERNATIVES:
        return Unknown(f"depends on more than {MAX_ALTERNATIVES} combinations of conditions", at)
    return chosen(truth, resolver.value(argument.items[1]), resolver.value(argument.items[2]), at)


def import_value(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::ImportValue`: the output another stack exports; known when that stack is part of the run."""
    name = resolver.value(argument)

    def find(values: list[Value]) -> Value:
        text = known_text(values[0])
        if text is not None:
            found = resolver.outside(f"export:{text}", at)
            if found is not None:
                return found
        shown = text or "another stack's export"
        return Unknown(f"{shown} is exported by a stack that is not part of the run", at, present=True,
                       label=f"Fn::ImportValue {shown}")

    return combined([name], find, at)


def base64(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Base64`: the text itself, since what is encoded is what matters and its places stay true."""
    return resolver.value(argument)


def zones(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::GetAZs`: the zones of a region, different in each account."""
    return Unknown("availability zones are known at deployment", at, present=True, label="Fn::GetAZs")


def cidr(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Cidr`: an address block, a count, and the number of host bits."""
    if argument.kind != "sequence" or len(argument.items) not in (2, 3):
        return resolver.misshapen("Fn::Cidr", at, "[block, count, bits]")
    values = [resolver.value(item) for item in argument.items]
    return combined(values, lambda known: _blocks(resolver, [known_text(value) for value in known], at), at)


def _blocks(resolver: Resolver, texts: list[str | None], at: Location) -> Value:
    from ipaddress import ip_network

    if any(text is None for text in texts):
        return Unknown("an argument of Fn::Cidr is not known", at, present=True)
    try:
        block = ip_network(str(texts[0]), strict=False)
        count = int(str(texts[1]))
        bits = int(str(texts[2])) if len(texts) == 3 else 8
        prefix = block.max_prefixlen - bits
        if not 1 <= count <= 256 or not block.prefixlen <= prefix <= block.max_prefixlen:
            raise ValueError("out of range")
    except ValueError:
        return resolver.misshapen("Fn::Cidr", at, "a block, a count from 1 to 256 and the number of host bits")
    found: list[Value] = []
    for network in block.subnets(new_prefix=prefix):
        if len(found) == count:
            break
        found.append(Scalar(str(network), at))
    return ListValue(tuple(found), at)


def length(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Length`: the number of items in a list."""

    def count(values: list[Value]) -> Value:
        listed = values[0]
        if isinstance(listed, ListValue) and listed.rest is None \
                and not any(isinstance(item, (Choice, Unknown)) for item in listed.items):
            return Scalar(len(listed), at)
        return Unknown("the length of the list is not known", at, present=True)

    return combined([resolver.value(argument)], count, at)


def json_string(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::ToJsonString`: the structure itself; rules and policies read JSON text and structures alike."""
    return resolver.value(argument)


def transform(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::Transform`: the fragment that `AWS::Include` names when it is a local file; other macros are unknown."""
    name = argument.get("Name")
    arguments = argument.get("Parameters")
    location = arguments.get("Location") if arguments is not None else None
    if name is not None and name.text == "AWS::Include" and location is not None:
        path = known_text(resolver.value(location))
        if path is not None:
            found = resolver.outside(f"include:{path}", at)
            if found is not None:
                return found
            return Unknown(f"the fragment {path} is not part of the run", at)
        return Unknown("the fragment's location is not known", at)
    shown = name.text if name is not None else "a macro"
    return Unknown(f"{shown} fills this in at deployment", at)


def condition_value(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`!Condition` outside the Conditions section: the truth of the named condition."""
    return resolver.conditions.truth(argument.text, at)


def boolean(name: str) -> Callable[[Resolver, Node, Location], Value]:
    """Return the function for And, Or, Not and Equals where a value is expected (rules and extensions)."""

    def evaluate(resolver: Resolver, argument: Node, at: Location) -> Value:
        key = Node("scalar", at, content=name, text=name)
        whole = Node("mapping", at, pairs=[(key, argument)])
        return resolver.conditions.expression(whole, f"{name} in line {at.start_line}")

    return evaluate


def map_entry(resolver: Resolver, argument: Node, at: Location) -> Value:
    """`Fn::FindInMap`: map, top key, second key, and a DefaultValue."""
    return find_in_map(resolver, argument, at)


FUNCTIONS: dict[str, Callable[[Resolver, Node, Location], Value]] = {
    "Ref": reference,
    "Condition": condition_value,
    "Fn::GetAtt": get_attribute,
    "Fn::Sub": substitute,
    "Fn::Join": join,
    "Fn::Split": split,
    "Fn::Select": select,
    "Fn::FindInMap": map_entry,
    "Fn::If": conditional,
    "Fn::ImportValue": import_value,
    "Fn::Base64": base64,
    "Fn::GetAZs": zones,
    "Fn::Cidr": cidr,
    "Fn::Length": length,
    "Fn::ToJsonString": json_string,
    "Fn::Transform": transform,
    "Fn::And": boolean("Fn::And"),
    "Fn::Or": boolean("Fn::Or"),
    "Fn::Not": boolean("Fn::Not"),
    "Fn::Equals": boolean("Fn::Equals"),
}

__all__ = ["FUNCTIONS", "MapValue", "attribute_of", "named"]
