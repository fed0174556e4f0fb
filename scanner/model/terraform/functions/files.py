"""Filesystem functions: they read through the workspace, so never outside of the scanned root."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Callable

from scanner.core.artifact import Artifact
from scanner.core.location import Location, Piece, TextMap, line_starts
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import Encoded, Failure, failure
from scanner.model.terraform.evaluate import Scope
from scanner.model.terraform.functions.arguments import (
    Arguments,
    NotKnown,
    answering,
    map_of,
    pattern_argument,
    text_argument,
)
from scanner.parse.hcl import Fault, parse_template, tree

MAX_TEMPLATE_DEPTH = 10


def _path(value: Value, scope: Scope) -> str | None:
    """Return the path relative to the scanned root, None for one outside of it."""
    text = text_argument(value)
    if text.startswith(("/", "~")):
        return None
    joined = posixpath.normpath(posixpath.join(scope.module.root_folder, text))
    return None if joined.startswith("..") else joined


def _read(value: Value, scope: Scope, at: Location) -> Artifact | Value:
    path = _path(value, scope)
    if path is None:
        return Unknown("the file lies outside of the scanned root", at, present=True)
    artifact = scope.module.run.workspace.artifact(path)
    return artifact if artifact is not None else Unknown(f'the file "{path}" is not there', at, present=True)


def _file_map(artifact: Artifact) -> TextMap:
    """Return the map of a file's whole text: a piece for every line."""
    starts = line_starts(artifact.text)
    return TextMap(tuple(Piece(start, artifact.path, index + 1, 1) for index, start in enumerate(starts)))


def _content(artifact: Artifact, at: Location) -> Scalar:
    return Scalar(artifact.text, at, lambda: _file_map(artifact))


@answering
def tf_file(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a file's text; its places lie in that file."""
    found = _read(arguments[0], scope, at)
    return _content(found, at) if isinstance(found, Artifact) else found


@answering
def tf_fileexists(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return whether a file is there."""
    path = _path(arguments[0], scope)
    if path is None:
        return Unknown("the file lies outside of the scanned root", at)
    return Scalar(scope.module.run.workspace.artifact(path) is not None, at)


@answering
def tf_filebase64(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a file's bytes as base64."""
    found = _read(arguments[0], scope, at)
    if not isinstance(found, Artifact):
        return found
    return Encoded(base64.b64encode(found.data).decode(), at, _content(found, at), "base64")


@answering
def tf_fileset(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the paths below a folder that match a pattern."""
    folder, pattern = _path(arguments[0], scope), text_argument(arguments[1])
    if folder is None:
        return Unknown("the folder lies outside of the scanned root", at)
    expression = pattern_argument(_glob(pattern), at)
    prefix = "" if folder in ("", ".") else folder + "/"
    found = [path[len(prefix):] for path in scope.module.run.workspace.files.below(folder)]
    return ListValue(tuple(Scalar(path, at) for path in sorted(found) if expression.fullmatch(path)), at)


def _glob(pattern: str) -> str:
    """Return a file pattern (`**`, `*`, `?`, `{a,b}`, `[...]`) as an expression."""
    out, depth, index = [], 0, 0
    while index < len(pattern):
        character = pattern[index]
        if pattern.startswith("**/", index):
            out.append("(?:[^/]+/)*")
            index += 3
            continue
        if pattern.startswith("**", index):
            out.append(".*")
            index += 2
            continue
        word = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "[": "[", "]": "]"}.get(character)
        if character == "{":
            depth += 1
        elif character == "}" and depth:
            depth, word = depth - 1, ")"
        elif character == "," and depth:
            word = "|"
        out.append(word if word is not None else re.escape(character))
        index += 1
    return "".join(out)


@answering
def tf_templatefile(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a template file with variables filled in."""
    found = _read(arguments[0], scope, at)
    if not isinstance(found, Artifact):
        return found
    return template_value(found.text, found, map_of(arguments[1]), scope, at)


@answering
def tf_templatestring(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a text as a template with variables filled in."""
    return template_text(arguments[0], map_of(arguments[1]), scope, at)


def template_text(template: Value, given: Value, scope: Scope, at: Location) -> Value:
    """Return a template that is a value."""
    if isinstance(template, Unknown):
        return Unknown(template.reason, at, present=True)
    if not isinstance(template, Scalar) or not isinstance(template.content, str):
        return failure("the template is no text", at)
    if not isinstance(given, MapValue):
        return Unknown("the variables of the template are not known", at, present=True)
    return template_value(template.content, None, given, scope, at, template)


def template_value(
    text: str, artifact: Artifact | None, given: MapValue, scope: Scope, at: Location, source: Scalar | None = None
) -> Value:
    """Return the text that a template makes of its variables."""
    from scanner.model.terraform.templates import rendered

    parts = parse_template(text)
    if isinstance(parts, Fault):
        return Failure(f"the template does not parse: {parts.message}", at)
    depth = sum(1 for name in scope.names if name.startswith("\0template"))
    if depth >= MAX_TEMPLATE_DEPTH:
        return Unknown("templates are nested too deeply", at, present=True)
    inner = artifact or _stand_in(text, source, at)
    names: dict[str, Value] = dict(given.entries)
    for known in (n for n in scope.names if n.startswith("\0template")):
        names[known] = scope.names[known]
    names[f"\0template{depth}"] = Scalar(True, at)
    return rendered(parts, TemplateScope(scope, inner, names, source), at)


def _stand_in(text: str, source: Scalar | None, at: Location) -> Artifact:
    return Artifact(source.at.path if source is not None else at.path, text.encode("utf-8", "replace"))


class TemplateScope(Scope):
    """The scope of a template: only its own variables have names; places lie in the template."""

    __slots__ = ("source",)

    def __init__(self, outer: Scope, artifact: Artifact, names: dict[str, Value], source: Scalar | None) -> None:
        super().__init__(outer.module, artifact, names)
        self.source = source

    def at(self, node: tree.Node | tree.Argument | tree.Block) -> Location:
        """Return the node's place in the template's file, or in the text it came from."""
        if self.source is not None and self.module.place is None:
            return self.source.span(node.start, max(node.start + 1, node.end))
        return super().at(node)

    def piece_map(self, pieces: tuple[tuple[int, int], ...]) -> Callable[[], TextMap] | None:
        """Return the map of a literal of the template; through the text it came from when it is a value."""
        source = self.source
        if source is None or not pieces or self.module.place is not None:
            return super().piece_map(pieces)

        def make() -> TextMap:
            return TextMap(tuple(Piece(offset, *source.text_map.position(inner)) for offset, inner in pieces))

        return make

    def within(self, names: dict[str, Value]) -> Scope:
        """Return this scope with further names."""
        return TemplateScope(self, self.artifact, {**self.names, **names}, self.source)


def _hashed(arguments: Arguments, scope: Scope, at: Location, name: str, *, as_base64: bool) -> Value:
    try:
        found = _read(arguments[0], scope, at)
    except NotKnown as stop:
        return Unknown(stop.unknown.reason, at)
    if not isinstance(found, Artifact):
        return found
    digest = hashlib.new(name, found.data, usedforsecurity=False)
    return Scalar(base64.b64encode(digest.digest()).decode() if as_base64 else digest.hexdigest(), at)


def tf_filemd5(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the MD5 of a file."""
    return _hashed(arguments, scope, at, "md5", as_base64=False)


def tf_filesha1(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the SHA-1 of a file."""
    return _hashed(arguments, scope, at, "sha1", as_base64=False)


def tf_filesha256(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the SHA-256 of a file."""
    return _hashed(arguments, scope, at, "sha256", as_base64=False)


def tf_filesha512(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the SHA-512 of a file."""
    return _hashed(arguments, scope, at, "sha512", as_base64=False)


def tf_filebase64sha256(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the SHA-256 of a file as base64."""
    return _hashed(arguments, scope, at, "sha256", as_base64=True)


def tf_filebase64sha512(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the SHA-512 of a file as base64."""
    return _hashed(arguments, scope, at, "sha512", as_base64=True)


def tf_abspath(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """The folder of the run is not known."""
    return Unknown("the folder Terraform runs in is not known", at, present=True)


tf_pathexpand = tf_abspath

