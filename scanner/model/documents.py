"""What the readers of documents without functions (buildspec, AppSpec, pipeline JSON) share: keys, lists, headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Choice, ListValue, MapValue, Scalar, Value
from scanner.model.workspace import Workspace

if TYPE_CHECKING:
    from scanner.model.workspace import Workspace


def respelled(
    value: Value,
    names: Mapping[str, str] | None = None,
    free: Callable[[tuple[str, ...]], bool] = lambda route: False,
    route: tuple[str, ...] = (),
) -> Value:
    """Return a value in camelCase as CloudFormation spells it.

    `names` holds the keys whose CloudFormation name is not just the first letter raised; `free(route)` tells that the
    keys of the mapping at that route (of original keys) are the user's own and stay.
    """
    if isinstance(value, ListValue):
        return ListValue(tuple(respelled(item, names, free, route) for item in value.items), value.at, value.rest)
    if isinstance(value, Choice):
        then = respelled(value.then, names, free, route)
        return Choice(value.question, then, respelled(value.otherwise, names, free, route), value.at)
    if not isinstance(value, MapValue):
        return value
    keeps = free(route)
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for key, entry in value.entries.items():
        name = key if keeps else (names or {}).get(key) or key[:1].upper() + key[1:]
        entries[name] = respelled(entry, names, free, (*route, key))
        keys_at[name] = value.key_at(key)
    return MapValue(entries, value.at, keys_at, value.rest)


def mapping(value: Value) -> MapValue:
    """Return the value when it is a mapping, else an empty mapping at its place."""
    return value if isinstance(value, MapValue) else MapValue({}, value.at)


def items(value: Value) -> tuple[Value, ...]:
    """Return the items of a list; a single known value counts as a list of one, anything else as none."""
    if isinstance(value, ListValue):
        return value.items
    if isinstance(value, (Scalar, MapValue)) and not (isinstance(value, Scalar) and value.content is None):
        return (value,)
    return ()


def root_of(workspace: Workspace, artifact: Artifact, dialect: str, sentence: str, hint: str) -> Node | None:
    """Return the mapping that a file has to be; an empty file is an empty mapping, so that its format is judged.

    Says in a notification (`sentence`, `hint`) that a file is something else, and that further documents are not read.
    """
    nodes = workspace.nodes(artifact, partial=True)
    if len(nodes) > 1:
        workspace.note("warning", f"{dialect}-further-document", f"only the first of {len(nodes)} documents is read",
                       header(nodes[1]), "give every document a file of its own")
    if nodes:
        if nodes[0].kind == "mapping":
            return nodes[0]
        workspace.note("error", f"{dialect}-no-mapping", sentence, nodes[0].at, hint)
        return None
    blank = all(line.strip() == "" or line.lstrip().startswith("#") for line in artifact.text.splitlines())
    return Node("mapping", Location(artifact.path, 1, 1, 1, 1)) if blank else None


def header(node: Node) -> Location:
    """Return the place that stands for a whole document: its first line's first key, or the document."""
    if node.kind == "mapping" and node.pairs:
        return node.pairs[0][0].at
    return Location(
        node.at.path, node.at.start_line, node.at.start_column, node.at.start_line, node.at.start_column + 1
    )


def inline_document(workspace: Workspace, text: Value, what: str) -> tuple[Node, Value] | None:
    """Return the mapping in a string value, as node and value with places in the outer file.

    None when there is none; a text that does not parse is noted, `what` names it.
    """
    from scanner.model.values import embedded_values
    from scanner.parse.embedded import embedded_documents

    try:
        nodes, values = embedded_documents(text), embedded_values(text)
    except SyntaxFault as fault:
        workspace.note("error", fault.kind, f"{what}: {fault.message}", fault.at, fault.hint)
        return None
    return (nodes[0], values[0]) if nodes and nodes[0].kind == "mapping" else None
