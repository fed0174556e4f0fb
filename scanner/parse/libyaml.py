"""libyaml's events, without the rest of PyYAML.

The package reads YAML in Python too, and loading that (a pattern over all of Unicode, a dozen of modules) costs a small
run more than its YAML. The extension asks the package for four small modules and the names of a few exceptions. It is
given those; what stood in for the package is taken out again, so that an `import yaml` later on finds everything.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

_NEEDED = ("error", "tokens", "events", "nodes")
_EXCEPTIONS = {
    "reader": ("ReaderError", "YAMLError"), "scanner": ("ScannerError", "MarkedYAMLError"),
    "parser": ("ParserError", "MarkedYAMLError"), "composer": ("ComposerError", "MarkedYAMLError"),
    "constructor": ("ConstructorError", "MarkedYAMLError"), "emitter": ("EmitterError", "YAMLError"),
    "serializer": ("SerializerError", "YAMLError"), "representer": ("RepresenterError", "YAMLError"),
}
"""Module of the package -> the exception that the extension takes from it, and what that is derived from."""


def library() -> Any:
    """Return a namespace with `Loader`, the event classes and `YAMLError`; PyYAML's own where libyaml is missing.

    `Loader(text)` has `get_event()` and `dispose()`.
    """
    if "yaml" not in sys.modules:
        found = _extension()
        if found is not None:
            return found
    yaml = import_module("yaml")
    return SimpleNamespace(**vars(yaml) | {"Loader": getattr(yaml, "CSafeLoader", yaml.SafeLoader)})


def _extension() -> SimpleNamespace | None:
    """Return the extension's parser with the events and errors; None where it cannot be had alone."""
    spec = find_spec("yaml")
    package = ModuleType("yaml")
    package.__path__ = list(spec.submodule_search_locations or ()) if spec is not None else []
    sys.modules["yaml"] = package
    names: dict[str, Any] = {}
    try:
        for name in _NEEDED:
            module = vars(package)[name] = import_module(f"yaml.{name}")
            names.update(vars(module))
        for name, (exception, base) in _EXCEPTIONS.items():
            vars(package)[name] = SimpleNamespace(**{exception: type(exception, (names[base],), {})})
        names["Loader"] = import_module("yaml._yaml").CParser
    except (ImportError, AttributeError, KeyError):
        return None
    finally:
        del sys.modules["yaml"]
    return SimpleNamespace(**names)
