"""Which text files are not worth a look for secrets: lockfiles, minified bundles, drawings, lists of checksums.

They are skipped by rule and counted in the coverage, so that nobody takes them for clean.
"""

from __future__ import annotations

import re

from scanner.core.artifact import Artifact
from scanner.core.patterns import Pattern

LOCKFILES = frozenset((
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock", "poetry.lock",
    "Pipfile.lock", "uv.lock", "pdm.lock", "conda-lock.yml", "Cargo.lock", "composer.lock", "Gemfile.lock", "go.sum",
    "packages.lock.json", "gradle.lockfile", "mix.lock", "pubspec.lock", "Podfile.lock", "Package.resolved",
    "flake.lock", ".terraform.lock.hcl", "MODULE.bazel.lock", "project.assets.json",
))
BASELINES = frozenset((".secrets.baseline",))
"""Lists of known findings of other tools: hashes of secrets, not secrets."""
_MINIFIED = Pattern(r"[.-]min\.(?:js|css|mjs|cjs|html)\Z|\.bundle\.js\Z|\.(?:js|css|mjs|cjs)\.map\Z")
_SCRIPT = Pattern(r"\.(?:js|mjs|cjs|css)\Z")
_CHECKSUMS = Pattern(
    r"\.(?:sha1|sha256|sha512|md5|sum|asc|sig)\Z|(?:\A|/)(?:SHA256SUMS|SHA512SUMS|MD5SUMS|RECORD)\Z"
)
_DRAWING = Pattern(r"\.(?:svg|eps|ps|xpm|pbm|pgm|ppm|dxf|stl|obj|pdf)\Z", re.IGNORECASE)
LONG_LINES = 2000
SMALL = 20_000


def skip_reason(artifact: Artifact) -> str | None:
    """Return why the secrets scanner leaves a file out (`lockfile`, `minified`, `drawing`, `checksums`), or None."""
    path = artifact.path
    name = path.rpartition("/")[2]
    if name in LOCKFILES:
        return "lockfile"
    if name in BASELINES:
        return "list of known secrets"
    if _MINIFIED.search(path):
        return "minified"
    if _CHECKSUMS.search(path):
        return "checksums"
    if _DRAWING.search(path):
        return "drawing"
    data = artifact.data
    if len(data) > SMALL and _SCRIPT.search(path) and len(data) > LONG_LINES * (data.count(b"\n") + 1):
        return "minified"
    return None
