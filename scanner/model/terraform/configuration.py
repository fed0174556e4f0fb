"""The configuration of a module folder: its files merged, with override files and `.tf.json` read as Terraform does."""

from __future__ import annotations

from typing import NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.model.workspace import Workspace
from scanner.parse.hcl import Document, parse, tree

MAX_BYTES = 20_000_000
SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


class Item(NamedTuple):
    """A top-level block and the file it stands in."""

    block: tree.Block
    artifact: Artifact


class Configuration:
    """What the files of one folder declare."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.variables: dict[str, Item] = {}
        self.locals: dict[str, tuple[tree.Argument, Artifact]] = {}
        self.outputs: dict[str, Item] = {}
        self.resources: dict[tuple[str, str, str], Item] = {}
        self.modules: dict[str, Item] = {}
        self.providers: list[Item] = []
        self.settings: list[Item] = []
        self.resource_types: set[str] = set()
        self.artifacts: list[Artifact] = []

    def add(self, artifact: Artifact, document: Document) -> None:
        """Take the blocks of an ordinary file; of blocks with the same name the first one counts."""
        self.artifacts.append(artifact)
        for block in document.body.blocks:
            self._add_block(Item(block, artifact))

    def _add_block(self, item: Item) -> None:
        block = item.block
        name, labels = block.name, block.labels
        if name in ("resource", "data", "ephemeral") and len(labels) == 2:
            self.resources.setdefault(("" if name == "resource" else name, labels[0], labels[1]), item)
            self.resource_types.add(labels[0])
        elif name == "locals":
            for argument in block.body.arguments.values():
                self.locals.setdefault(argument.name, (argument, item.artifact))
        elif name == "provider" and labels:
            self.providers.append(item)
        elif name == "terraform":
            self.settings.append(item)
        elif len(labels) == 1:
            table = {"variable": self.variables, "output": self.outputs, "module": self.modules}.get(name)
            if table is not None:
                table.setdefault(labels[0], item)

    def override(self, artifact: Artifact, document: Document) -> None:
        """Merge the blocks of an override file into those that exist."""
        self.artifacts.append(artifact)
        for block in document.body.blocks:
            if block.name == "locals":
                for argument in block.body.arguments.values():
                    self.locals[argument.name] = (argument, artifact)
                continue
            for argument in block.body.arguments.values():
                argument.origin = artifact
            for inner in block.body.blocks:
                inner.origin = artifact
            existing = self._existing(block)
            if existing is None:
                self._add_block(Item(block, artifact))
            else:
                _merge(existing.block.body, block.body)

    def _existing(self, block: tree.Block) -> Item | None:
        labels = block.labels
        if block.name in ("resource", "data", "ephemeral") and len(labels) == 2:
            return self.resources.get(("" if block.name == "resource" else block.name, labels[0], labels[1]))
        if len(labels) == 1:
            table = {"variable": self.variables, "output": self.outputs, "module": self.modules}.get(block.name)
            return table.get(labels[0]) if table is not None else None
        return None


def _merge(body: tree.Body, over: tree.Body) -> None:
    """Put an override's arguments and block types in the place of the original ones."""
    body.arguments.update(over.arguments)
    replaced = {block.labels[0] if block.name == "dynamic" and block.labels else block.name for block in over.blocks}
    body.blocks[:] = [
        block for block in body.blocks
        if (block.labels[0] if block.name == "dynamic" and block.labels else block.name) not in replaced
    ] + over.blocks


def is_override(path: str) -> bool:
    """Tell whether Terraform reads the file as an override."""
    name = path.rsplit("/", 1)[-1]
    for suffix in (".tf.json", ".tofu.json", ".tf", ".tofu"):
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
            return stem == "override" or stem.endswith("_override")
    return False


def document_of(artifact: Artifact, workspace: Workspace) -> Document | None:
    """Return the parsed file; faults are noted once, a file that is too large is not read."""
    if len(artifact.data) > MAX_BYTES:
        message = f"the file has {len(artifact.data)} bytes, at most {MAX_BYTES} are read"
        workspace.note("error", "file-too-large", message, artifact.whole_line(1), "split the file")
        return None
    found = workspace.parsed(artifact, "hcl", _parse)
    if not isinstance(found, Document):
        return None
    for fault in found.faults:
        at = artifact.span(fault.start, min(fault.end, len(artifact.text)))
        workspace.note("error", "hcl-syntax", fault.message, at,
                       "correct the syntax; the other blocks of the file were read")
    return found


def _parse(artifact: Artifact) -> Document:
    if artifact.path.endswith(".json"):
        from scanner.model.terraform.json_syntax import document

        return document(artifact)
    return parse(artifact.text)


def load(folder: str, artifacts: list[Artifact], workspace: Workspace) -> Configuration:
    """Return the configuration of the files of a folder, in the order in which Terraform reads them."""
    configuration = Configuration(folder)
    ordered = sorted(artifacts, key=lambda artifact: (is_override(artifact.path), artifact.path))
    for artifact in ordered:
        try:
            document = document_of(artifact, workspace)
        except SyntaxFault as fault:
            workspace.note("error", fault.kind, fault.message, fault.at, fault.hint)
            continue
        if document is None:
            continue
        if is_override(artifact.path):
            configuration.override(artifact, document)
        else:
            configuration.add(artifact, document)
    return configuration
