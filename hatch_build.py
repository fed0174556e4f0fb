"""Build hook: compiles the rules into the index that the wheel carries, so that no run has to."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuleIndexHook(BuildHookInterface):
    """Puts `scanner/_rules/index.json` into the wheel; fails the build when a rule file is wrong."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the rules beside the package; an editable install reads the rule files themselves."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from scanner.packs.compile import entries_of, index_of
        finally:
            sys.path.pop(0)
        folder = os.path.join(self.root, "rules")
        entries = entries_of(folder, {})
        faults = [entry.fault for entry in entries.values() if entry.fault]
        if faults:
            raise SystemExit("\n".join(faults))
        self._folder = tempfile.mkdtemp(prefix="leftgate-index-")
        path = os.path.join(self._folder, "index.json")
        with open(path, "wb") as file:
            file.write(index_of(folder, entries, "shipped"))
        build_data["force_include"][path] = "scanner/_rules/index.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what `initialize` wrote."""
        folder = getattr(self, "_folder", None)
        if folder is not None:
            os.unlink(os.path.join(folder, "index.json"))
            os.rmdir(folder)
