"""Templates for tests: stated into an inventory, and values written as short texts."""

from scanner.core.artifact import Artifact
from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown
from scanner.model.cloudformation import state
from scanner.model.workspace import Settings, Workspace


class Folder:
    """Files from a dictionary."""

    def __init__(self, files):
        self.files = files

    def read(self, path):
        text = self.files.get(path)
        return None if text is None else Artifact(path, text.encode())

    def below(self, folder):
        return sorted(path for path in self.files if path.startswith(folder))


def stated(text=None, files=None, parameter_files=(), read=None):
    """The workspace after reading one template, or the files named by `read` (default: all)."""
    files = dict(files or {"t.yaml": text})
    artifacts = [Artifact(path, files[path].encode()) for path in (read or files)]
    workspace = Workspace(Folder(files), artifacts, Settings(parameter_files=tuple(parameter_files)))
    state(artifacts, workspace)
    return workspace


def shown(value):
    """A value as text: known content, `?` and why, `{question: then, else}`."""
    if isinstance(value, Scalar):
        return repr(value.content)
    if isinstance(value, ListValue):
        return "[" + ", ".join(map(shown, value.items)) + (", ...]" if value.rest else "]")
    if isinstance(value, MapValue):
        inner = ", ".join(f"{key}: {shown(entry)}" for key, entry in value.entries.items())
        return "{" + inner + (", ...}" if value.rest else "}")
    if isinstance(value, Choice):
        return f"<{value.question.phrase(True)}: {shown(value.then)} | {shown(value.otherwise)}>"
    if isinstance(value, Absent):
        return "absent"
    assert isinstance(value, Unknown)
    if value.parts:
        return "?(" + " + ".join(repr(part) if isinstance(part, str) else shown(part) for part in value.parts) + ")"
    refers = f" ->{value.refers.address}.{value.refers.attribute}" if value.refers else ""
    return f"?{value.label or value.reason}{refers}{' secret' if value.secret else ''}"


def cut(text, at):
    """What a location covers, when it lies on one line."""
    line = text.split("\n")[at.start_line - 1]
    return line[at.start_column - 1:at.end_column - 1] if at.end_line == at.start_line else f"{line[at.start_column - 1:]}..."
