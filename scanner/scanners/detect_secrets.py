"""Runs detect-secrets' plug-ins over the artifacts of a run; off unless the configuration names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.location import Location
from scanner.core.result import NON_COMPLIANT, Result, order

HINT = "install the extra leftgate[detect-secrets], or take detect-secrets out of the scanners"
_EDGES = frozenset(" \t\r\"'`=,;:<>(){}[]")
LARGEST = 1024 * 1024
"""detect-secrets reads 0.1 MB a second; larger files are left to our own scanner."""


def scan(context: Context) -> Iterable[Result]:
    """Return what the plug-ins say that the option `detect_secrets_plugins` names (all by default).

    A missing detect-secrets is an error notification: the run is then incomplete.
    """
    try:
        from detect_secrets.core.plugins.initialize import from_plugin_classname
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
        from detect_secrets.settings import default_settings
    except ImportError:
        context.note("error", "scanner-missing", "the scanner detect-secrets is not installed", None, HINT)
        return []
    wanted: Any = context.options.get("detect_secrets_plugins")
    found: list[Result] = []
    with default_settings():
        classes: Any = get_mapping_from_secret_type_to_class().values()
        names = sorted(kind.__name__ for kind in classes if wanted is None or kind.__name__ in wanted)
        plugins: list[Any] = [from_plugin_classname(name) for name in names]
        for artifact in context.artifacts:
            if len(artifact.data) > LARGEST:
                message = f"{artifact.path} is larger than 1 MB; detect-secrets did not read it"
                context.note("note", "file-too-large", message, Location(artifact.path, 1, 1, 1, 1), "")
                continue
            found.extend(_file(plugins, artifact))
    return sorted(found, key=order)


def _file(plugins: list[Any], artifact: Artifact) -> Iterator[Result]:
    """Yield one result for each thing a plug-in finds in a line."""
    for number, line in enumerate(artifact.text.split("\n"), 1):
        for plugin in plugins:
            for secret in plugin.analyze_line(filename=artifact.path, line=line.rstrip("\r"), line_number=number):
                yield _result(plugin, secret, artifact, number, line)


def _whole(value: str, line: str) -> tuple[str, int, int]:
    """Return the whole word around a value and its offsets: some plug-ins name only the prefix of what they found."""
    found = line.find(value) if value else -1
    if found < 0:
        return line.rstrip("\r"), 0, len(line.rstrip("\r"))
    start, end = found, found + len(value)
    while start > 0 and line[start - 1] not in _EDGES:
        start -= 1
    while end < len(line) and line[end] not in _EDGES:
        end += 1
    return line[start:end], start, end


def _result(plugin: Any, secret: Any, artifact: Artifact, number: int, line: str) -> Result:
    from hashlib import blake2b

    value, start, end = _whole(str(secret.secret_value or ""), line)
    name = re.sub(r"[^a-z0-9]+", "-", plugin.secret_type.lower()).strip("-")
    return Result(
        rule=f"detect-secrets-{name}", category="secrets", compliance=NON_COMPLIANT, severity="medium",
        confidence="low" if "entropy" in name or "keyword" in name else "medium",
        message=f"{plugin.secret_type}: {len(value)} characters (found by detect-secrets)", address=artifact.path,
        at=Location(artifact.path, number, start + 1, number, end + 1),
        controls={"detect-secrets": (type(plugin).__name__,)},
        subject=blake2b(value.encode(), key=b"leftgate/secret-identity/1", digest_size=8).hexdigest(),
        scanner="detect-secrets",
    )
