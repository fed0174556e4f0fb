"""Which files the secrets scanner leaves out, and why."""

from __future__ import annotations

import pytest

from scanner.classify.skips import skip_reason
from scanner.core.artifact import Artifact


@pytest.mark.parametrize(("path", "data", "reason"), [
    ("a/package-lock.json", b"{}", "lockfile"), ("go.sum", b"", "lockfile"), ("x.min.js", b"var a", "minified"),
    ("app.js", b"a" * 30_000, "minified"), ("app.js", b"a\n" * 30_000, None), ("x.js.map", b"{}", "minified"),
    ("logo.svg", b"<svg/>", "drawing"), ("dist/x.sha256", b"", "checksums"), (".secrets.baseline", b"{}", "list of known secrets"),
    ("package.json", b"{}", None), ("main.tf", b"", None), ("key.pem", b"", None), ("data.json", b"a" * 30_000, None),
])
def test_reason(path: str, data: bytes, reason: str | None) -> None:
    assert skip_reason(Artifact(path, data)) == reason
