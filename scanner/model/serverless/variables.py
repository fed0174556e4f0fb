"""What `${...}` means: nodes of the service or of a file it includes, literals, or unknowns with their reason.

A default is what gets deployed unless someone overrides it, as for CloudFormation parameters: `${opt:stage, 'dev'}` is
`dev`. What the account, the environment or a program answers is unknown.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Scalar, Unknown, Value
from scanner.model.serverless.addresses import Source, alternatives_of, literal_of, places_in, source_of
from scanner.model.workspace import Workspace

MAX_DEPTH = 20
BUDGET = 50_000
"""Nodes that the variables of one service may bring in, each as often as it is asked for."""
DEFAULT_STAGE = "dev"
REASONS = {
    "opt": "option {0} is given at deployment", "env": "environment variable {0} is set where it is deployed",
    "param": "parameter {0} is given at deployment", "ssm": "{0} is read from the parameter store at deployment",
    "cf": "{0} is an output of another stack", "s3": "{0} is read from a bucket at deployment",
    "aws": "{0} is known at deployment", "sls": "{0} is known at deployment", "git": "{0} is known at deployment",
}
_SECRETS = "/aws/reference/secretsmanager/"


class Variables:
    """Answers variables for one service; `included` are the files it took in."""

    def __init__(self, root: Node, path: str, workspace: Workspace) -> None:
        """Take the service's root mapping and the path of its file."""
        self.root = root
        self.path = path
        self.workspace = workspace
        self.included: set[str] = set()
        self.left = BUDGET
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def node(self, node: Node) -> Node | None:
        """Return what a node stands for: itself, or what its variable names; None when that is no node we know."""
        for _ in range(MAX_DEPTH):
            if node.kind != "scalar" or node.tag or "${" not in node.text:
                return node
            places = places_in(node.text)
            if len(places) != 1 or places[0].end - places[0].start != len(node.text.strip()):
                return node
            found = self.found(places[0].inside, node.at)
            if not isinstance(found, Node):
                return None
            node = found
        return None

    def found(self, inside: str, at: Location) -> Node | Value:
        """Return what the inside of a variable stands for: a node (not yet resolved) or a value."""
        if self._depth >= MAX_DEPTH or self.left <= 0:
            return Unknown("variables refer to one another without end", at)
        self._depth += 1
        self.left -= 1
        try:
            return self._found(inside, at)
        finally:
            self._depth -= 1

    def _found(self, inside: str, at: Location) -> Node | Value:
        known = self._filled(inside, at)
        if isinstance(known, Unknown):
            return known
        alternatives = alternatives_of(known)
        for index, alternative in enumerate(alternatives):
            places = places_in(alternative)
            if len(places) == 1 and places[0].end - places[0].start == len(alternative):
                answer: Node | Value | None = self.found(places[0].inside, at)
            else:
                answer = self._alternative(alternative, at, last=index == len(alternatives) - 1)
            if answer is not None:
                return self._paid(answer, at)
        return Unknown(f"${{{inside}}} is not set in the repository", at, label=inside)

    def _filled(self, inside: str, at: Location) -> str | Unknown:
        """Return the inside with variables in addresses (`custom.${opt:stage, 'dev'}.name`) filled in."""
        made, start = "", 0
        for place in places_in(inside):
            before = inside[start:place.start]
            whole = before.rstrip().endswith(",") or not before.strip()
            made += before
            if whole and inside[place.end:].lstrip()[:1] in ("", ","):
                made += inside[place.start:place.end]  # an alternative of its own: answered in its turn
            else:
                found = self.found(place.inside, at)
                text = self._text(found)
                if text is None:
                    return Unknown(f"${{{place.inside}}} is not known", at, label=place.inside)
                made += text
            start = place.end
        return made + inside[start:]

    def _text(self, found: Node | Value) -> str | None:
        """Return what a node or value is as text, its own variables filled in; None when that is not known."""
        if not isinstance(found, Node):
            return str(found.content) if isinstance(found, Scalar) else None
        if found.kind != "scalar" or found.tag:
            return None
        made, start = "", 0
        for place in places_in(found.text):
            text = self._text(self.found(place.inside, found.at))
            if text is None:
                return None
            made += found.text[start:place.start] + text
            start = place.end
        return made + found.text[start:]

    def _paid(self, answer: Node | Value, at: Location) -> Node | Value:
        if isinstance(answer, Node):
            self.left -= self._size(answer)
            if self.left <= 0:
                return Unknown("the service's variables bring in too much to look at", at)
        return answer

    def _size(self, node: Node) -> int:
        known = self._sizes.get(id(node))
        if known is None:
            count, stack = 0, [node]
            while stack and count < BUDGET:
                current = stack.pop()
                count += 1 + len(current.text) // 50
                stack += [value for _, value in current.pairs]
                stack += current.items
            known = self._sizes[id(node)] = count
        return known

    def _alternative(self, text: str, at: Location, *, last: bool) -> Node | Value | None:
        """Return what one alternative stands for, None when the next one counts."""
        literal, content = literal_of(text)
        if literal:
            return Scalar(content, at)
        source = source_of(text)
        if source is None:
            return Unknown(f"${{{text}}} is no variable that is known", at)
        if source.name == "self":
            return self._at(self.root, source.address)
        if source.name == "file":
            return self._file(source, at)
        if source.name == "sls" and source.address == "stage":
            return self._stage(at)
        if source.name == "param":
            return self._param(source, at) or (_unknown(source, at) if last else None)
        if source.name in ("opt", "env") and not last:
            return None
        return _unknown(source, at)

    def _stage(self, at: Location) -> Node | Value:
        return self._at(self.root, "provider.stage") or Scalar(DEFAULT_STAGE, at)

    def _param(self, source: Source, at: Location) -> Node | None:
        """Return a parameter of the stage that is deployed by default, or of all stages."""
        stage = self._text(self._stage(at))
        for base in (f"stages.{stage}.params", f"params.{stage}", "stages.default.params", "params.default"):
            found = self._at(self.root, f"{base}.{source.address}")
            if found is not None:
                return found
        return None

    def _at(self, node: Node, address: str) -> Node | None:
        """Return the node at `a.b.0` below a node, None when there is none."""
        current: Node | None = node
        for step in address.split(".") if address else ():
            current = self.node(current) if current is not None else None
            if current is None:
                return None
            if current.kind == "sequence":
                inside = step.isdigit() and len(step) < 6 and int(step) < len(current.items)
                current = current.items[int(step)] if inside else None
            else:
                current = current.get(step)
        return None if current is not None and _is_null(current) else current

    def _file(self, source: Source, at: Location) -> Node | Value | None:
        """Return what an included file says; a path is relative to the service, wherever the variable stands."""
        path = normpath(join(dirname(self.path), source.argument.strip("'\"")))
        if path.startswith("..") or not path.endswith((".yml", ".yaml", ".json")):
            return Unknown(f"what {source.argument} gives is known at deployment", at, label=source.argument)
        artifact = self.workspace.artifact(path)
        roots = self.workspace.nodes(artifact) if artifact is not None else []
        if not roots:
            return Unknown(f"{source.argument} is not part of the run", at, label=source.argument)
        self.included.add(path)
        return self._at(roots[0], source.address)


def _is_null(node: Node) -> bool:
    return node.kind == "scalar" and node.content is None and not node.tag


def _unknown(source: Source, at: Location) -> Unknown:
    """Return the value that a source outside the repository gives."""
    shown = f"{source.name}:{source.address}" if source.address else source.name
    reason = REASONS.get(source.name, "{0} is known at deployment").format(source.address or source.name)
    secret = True if source.name == "ssm" and source.address.startswith(_SECRETS) else None
    return Unknown(reason, at, present=True, label=shown, secret=secret)


__all__ = ["Variables"]
