"""The workspace a dialect works in: files, their nodes, the inventory, and what could not be done."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.artifact import Artifact, Files, Notification
from scanner.core.errors import SyntaxFault
from scanner.core.inventory import Inventory
from scanner.core.location import Location
from scanner.core.node import Node


class Settings:
    """What a run is told from outside about values: parameter files, variable files, names of environments."""

    __slots__ = ("parameter_files", "terraform_variable_files", "terraform_variables")

    def __init__(
        self,
        parameter_files: tuple[str, ...] = (),
        terraform_variable_files: tuple[str, ...] = (),
        terraform_variables: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Take paths relative to the root, and NAME, VALUE pairs."""
        self.parameter_files = parameter_files
        self.terraform_variable_files = terraform_variable_files
        self.terraform_variables = terraform_variables


class Workspace:
    """Files are read and parsed once, whoever asks; faults become notifications once."""

    def __init__(self, files: Files, artifacts: list[Artifact], settings: Settings | None = None) -> None:
        """Take the reader for further files and the artifacts of the run."""
        self.files = files
        self.inventory = Inventory()
        self.notifications: list[Notification] = []
        self._noted: set[Notification] = set()
        self.settings = settings or Settings()
        self.taken: set[str] = set()  # fragments that another file includes: no documents of their own
        self._artifacts: dict[str, Artifact | None] = {artifact.path: artifact for artifact in artifacts}
        self._parsed: dict[tuple[str, str], object] = {}
        self._partial: dict[tuple[str, str], list[Node]] = {}

    def artifact(self, path: str) -> Artifact | None:
        """Return the file at a path relative to the root; loads it when the run does not have it yet."""
        if path not in self._artifacts:
            self._artifacts[path] = self.files.read(path)
        return self._artifacts[path]

    def parsed(self, artifact: Artifact, syntax: str, parse: Callable[[Artifact], object]) -> object | None:
        """Return `parse(artifact)`, made once per syntax; None after a fault, which is noted once."""
        key = (artifact.path, syntax)
        if key not in self._parsed:
            try:
                self._parsed[key] = parse(artifact)
            except SyntaxFault as fault:
                self._parsed[key] = None
                self._partial[key] = fault.partial
                self.note("error", fault.kind, fault.message, fault.at, fault.hint)
            for notification in artifact.notes:
                self.note(*notification)
            artifact.notes.clear()
        return self._parsed[key]

    def nodes(self, artifact: Artifact, *, partial: bool = False) -> list[Node]:
        """Return the documents of a YAML or JSON artifact (JSON by its first bracket), [] after a fault.

        With `partial`, a fault returns what was read nevertheless: collections that were still open are `cut`,
        and what they do not have must be taken as unknown.
        """
        found = self.parsed(artifact, "data", _documents)
        if partial and found is None:
            return self._partial.get((artifact.path, "data"), [])
        return found if isinstance(found, list) else []

    def forget(self, artifact: Artifact) -> None:
        """Drop the nodes of a file whose dialect is done with it; whoever asks again has it parsed again."""
        self._parsed.pop((artifact.path, "data"), None)
        self._partial.pop((artifact.path, "data"), None)

    def note(self, level: str, kind: str, message: str, at: Location | None = None, hint: str = "") -> None:
        """Record a notification; an identical one is kept once."""
        notification = Notification(level, kind, message, at, hint)
        if notification not in self._noted:
            self._noted.add(notification)
            self.notifications.append(notification)


def _documents(artifact: Artifact) -> list[Node]:
    """Return the documents of a YAML or JSON artifact; YAML may begin with a bracket, too."""
    if artifact.text[:64].lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        from scanner.parse.yaml import documents

        return documents(artifact)
    from scanner.parse.json import documents as json_documents

    try:
        return json_documents(artifact)
    except SyntaxFault:
        if not artifact.path.endswith((".yaml", ".yml")):
            raise
    from scanner.parse.yaml import documents as yaml_documents

    artifact.notes.clear()
    return yaml_documents(artifact)
