"""One run over the Terraform of a workspace: folders, roots, module sources, and the bounds of evaluation."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import partial

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.value import Value
from scanner.model.terraform.configuration import SUFFIXES, Configuration, Item, load
from scanner.model.terraform.evaluate import evaluate
from scanner.model.terraform.expansion import Instance
from scanner.model.terraform.module import ModuleInstance
from scanner.model.terraform.suppressions import Marks
from scanner.model.workspace import Workspace
from scanner.parse.hcl import tree

MAX_REFERENCES = 150
MAX_MODULE_DEPTH = 20
BUDGET = 100_000


class Run:
    """What all module instances of a run share."""

    def __init__(self, artifacts: list[Artifact], workspace: Workspace) -> None:
        self.workspace = workspace
        self.folders: dict[str, list[Artifact]] = {}
        for artifact in artifacts:
            if artifact.path.endswith(SUFFIXES):
                self.folders.setdefault(posixpath.dirname(artifact.path), []).append(artifact)
        self.used: set[str] = set()
        self.stated: set[int] = set()
        self.marks = Marks()
        self._configurations: dict[str, Configuration | None] = {}
        self._installed: dict[str, dict[str, str]] = {}
        self._left = BUDGET
        self._depth = 0

    # --- bounds -----------------------------------------------------------------------------------

    def spend(self, amount: int) -> bool:
        """Take `amount` steps from the budget; False, with one note, when it is spent."""
        self._left -= amount
        if self._left < 0:
            message = f"loops, calls and instances need more than {BUDGET} steps; the rest is taken as unknown"
            self.workspace.note("error", "terraform-too-large", message, None,
                                "give fewer or smaller collections in the variable files")
        return self._left >= 0

    def renew(self) -> None:
        """Give the next root module its own budget."""
        self._left = BUDGET

    def enter(self) -> bool:
        """Go one reference deeper; False when the chain is too long."""
        if self._depth >= MAX_REFERENCES:
            return False
        self._depth += 1
        return True

    def leave(self) -> None:
        """Come back from a reference."""
        self._depth -= 1

    def cycle(self, key: object, at: Location) -> None:
        """Note a reference cycle."""
        what = key if isinstance(key, str) else "a resource"
        self.workspace.note("error", "terraform-cycle", f"{what} refers to itself", at, "break the cycle")

    # --- folders ----------------------------------------------------------------------------------

    @staticmethod
    def relative(folder: str, root: str) -> str:
        """Return a module's folder as `path.module` shows it."""
        return posixpath.relpath(folder or ".", root or ".")

    def configuration(self, folder: str) -> Configuration | None:
        """Return the configuration of a folder; files that the run was not asked for are loaded when needed."""
        if folder not in self._configurations:
            artifacts = self.folders.get(folder) or self._found_below(folder)
            self._configurations[folder] = load(folder, artifacts, self.workspace) if artifacts else None
        return self._configurations[folder]

    def _found_below(self, folder: str) -> list[Artifact]:
        found = []
        for path in self.workspace.files.below(folder):
            if posixpath.dirname(path) == folder and path.endswith(SUFFIXES):
                artifact = self.workspace.artifact(path)
                if artifact is not None:
                    found.append(artifact)
        return found

    def roots(self) -> list[str]:
        """Return the folders that no other folder calls as a module, sorted."""
        called: set[str] = set()
        for folder in self.folders:
            configuration = self.configuration(folder)
            if configuration is None:
                continue
            for item in configuration.modules.values():
                target = self.source_folder(configuration, item, folder)
                if target is not None and target != folder:
                    called.add(target)
        return [folder for folder in sorted(self.folders) if folder not in called]

    # --- module sources ---------------------------------------------------------------------------

    def source_folder(self, configuration: Configuration, item: Item, root: str, key: str = "") -> str | None:
        """Return the folder a module call's source means, None when it is not in the workspace."""
        source = source_text(item)
        if source.startswith(("./", "../")) or source in (".", ".."):
            folder = posixpath.normpath(posixpath.join(configuration.folder, source))
            if folder.startswith(".."):
                return None
            folder = "" if folder == "." else folder
            return folder if folder in self.folders or self.configuration(folder) is not None else None
        installed = self._modules_json(root).get(key)
        return installed if installed is not None and self.configuration(installed) is not None else None

    def _modules_json(self, root: str) -> dict[str, str]:
        """Return key -> folder of the modules that `terraform init` put below the root module."""
        if root not in self._installed:
            path = posixpath.join(root, ".terraform/modules/modules.json")
            artifact = self.workspace.artifact(path)
            table: dict[str, str] = {}
            for node in self.workspace.nodes(artifact) if artifact is not None else []:
                modules = node.get("Modules")
                for entry in modules.items if modules is not None else []:
                    key, folder = entry.get("Key"), entry.get("Dir")
                    if key is not None and folder is not None:
                        normal = posixpath.normpath(posixpath.join(root, folder.text))
                        if not normal.startswith(".."):
                            table[key.text] = "" if normal == "." else normal
            self._installed[root] = table
        return self._installed[root]

    def instantiate(self, caller: ModuleInstance, call: Instance) -> ModuleInstance | None:
        """Return the module instance a call makes; None, with a note, when it cannot be followed."""
        if call.tried:
            return None
        item = call.item
        at = header_place(call)
        source = source_text(item)
        key = ".".join([*_key_of(caller), item.block.labels[0]])
        folder = self.source_folder(caller.configuration, item, caller.root_folder, key)
        local = source.startswith("./") or source.startswith("../") or source in (".", "..")
        if folder is None:
            self._note_missing(source, local, at)
            return None
        configuration = self.configuration(folder)
        if configuration is None or self._recursive(caller, configuration, at):
            return None
        self.used.add(folder)
        place = caller.place
        if place is None and not local:
            place = at
        given: dict[str, Callable[[], Value]] = {
            argument.name: partial(evaluate, argument.expression, call.scope.of(argument))
            for argument in item.block.body.arguments.values()
            if argument.name not in ("source", "version", "providers", "count", "for_each", "depends_on")
        }
        return ModuleInstance(self, configuration, caller.root_folder, call.address, given, call, place)

    def _note_missing(self, source: str, local: bool, at: Location) -> None:
        if local:
            self.workspace.note("warning", "terraform-module-missing",
                                f'the module source "{source}" is not among the scanned files', at,
                                "scan the folder that contains it")
        else:
            self.workspace.note("note", "terraform-module-remote",
                                f'the contents of module "{source}" are not known here', at,
                                "run `terraform init` before the scan, or scan the plan")

    def _recursive(self, caller: ModuleInstance, configuration: Configuration, at: Location) -> bool:
        """Tell whether the call leads back into itself or too deep; notes it."""
        above: ModuleInstance | None = caller
        while above is not None:
            if above.configuration is configuration:
                self.workspace.note("error", "terraform-module-cycle",
                                    f'the module "{configuration.folder or "."}" calls itself', at, "break the cycle")
                return True
            above = above.caller.module if above.caller else None
        if caller.depth >= MAX_MODULE_DEPTH:
            self.workspace.note("error", "terraform-module-depth",
                                f"modules are nested deeper than {MAX_MODULE_DEPTH} levels", at, "flatten the modules")
            return True
        return False


def header_place(call: Instance) -> Location:
    """Return the place of a call's header, or of the outermost third-party call around it."""
    from scanner.model.terraform.blocks import header_at

    return header_at(call.item.block, call.scope)


def source_text(item: Item) -> str:
    """Return a module call's source when it is a plain text, else an empty one."""
    argument = item.block.body.arguments.get("source")
    if argument is not None and isinstance(argument.expression, tree.Literal):
        return str(argument.expression.content)
    return ""


def _key_of(module: ModuleInstance) -> list[str]:
    """Return the call names from the root to this instance, as modules.json spells them."""
    names: list[str] = []
    current: ModuleInstance | None = module
    while current is not None and current.caller is not None:
        names.insert(0, current.caller.item.block.labels[0])
        current = current.caller.module
    return names


