"""Make scanner/model/mappings/*.json: how Terraform's AWS provider spells CloudFormation types and properties.

    python tools/update_terraform_mappings.py CANDIDATES.jsonl PROVIDER_SCHEMA.jsonl.gz [TERRAFORM_ONLY.csv]

CANDIDATES holds property pairs (see docs/terraform.md), PROVIDER_SCHEMA the provider's attributes and blocks; which
CloudFormation properties are lists comes from the registry schemas in the installed cfn-lint. What people corrected by
hand stands in tools/terraform_corrections.yaml and wins. Run it again after any change to these; never edit the output.
"""
from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "scanner" / "model" / "mappings"
Json = dict[str, Any]
"""An object of one of the JSON documents this reads or writes."""
Rows = dict[str, tuple[str, str]]
"""Provider path -> (CloudFormation path with list marks, transform)."""
TAG_NOTES = ("list of Key/Value vs map", "list of objects vs map", "list of Name/Value vs map")


class CloudFormation:
    """Which property of a type is a list, from cfn-lint's copies of the registry schemas."""

    def __init__(self) -> None:
        import cfnlint

        folder = Path(cfnlint.__file__).parent / "data" / "schemas"
        self.folder = folder / "resources"
        self.index = json.loads((folder / "providers" / "us-east-1.json").read_text())
        self.loaded: dict[str, Json] = {}

    def schema(self, kind: str) -> Json:
        """Return the schema of a type, empty when there is none."""
        if kind not in self.loaded:
            name = self.index.get(kind)
            path = self.folder / f"{name}.json"
            self.loaded[kind] = json.loads(path.read_text()) if name and path.exists() else {}
        return self.loaded[kind]

    def resolve(self, schema: Json, root: Json) -> Json:
        seen = 0
        while "$ref" in schema and seen < 10:
            target = root
            for part in schema["$ref"].lstrip("#/").split("/"):
                target = target.get(part, {})
            schema, seen = target, seen + 1
        return schema

    def walk(self, kind: str, path: str) -> tuple[str, Json]:
        """Return the path with [] after list segments, and the schema of its end."""
        root = self.schema(kind)
        current, out = root, []
        segments = path.split(".") if path else []
        for position, segment in enumerate(segments):
            keyed = re.match(r"(\w+)\[(.+)$", segment)
            name = keyed[1] if keyed else segment.removesuffix("[]")
            found = None
            for option in [current, *current.get("anyOf", []), *current.get("oneOf", []), *current.get("allOf", [])]:
                option = self.resolve(option, root)
                if name in option.get("properties", {}):
                    found = self.resolve(option["properties"][name], root)
                    break
            last = position == len(segments) - 1
            if found is None:
                out.append(segment)
                current = {}
                continue
            if is_list(found) and not last:
                out.append(name + "[]")
                current = self.resolve(found.get("items", {}), root)
            else:
                out.append(name)
                current = found
        return ".".join(out), current


def is_list(schema: Json) -> bool:
    kind = schema.get("type")
    return kind == "array" or (isinstance(kind, list) and "array" in kind)


def keyed(path: str) -> str:
    """Spell `List[key]` as `List[Key=key].Value`."""
    return re.sub(r"(\w+)\[([^\]=]+)\]$", r"\1[Key=\2].Value", path)


def provider_type(entry: Json | None, path: str) -> tuple[str, Json | None]:
    """Return (kind, block) of a provider path: an attribute's type, "block" or "blocks"; empty when not there."""
    if entry is None:
        return "", None
    for position, part in enumerate(parts := path.split(".")):
        last = position == len(parts) - 1
        if last and part in entry.get("attributes", {}):
            return entry["attributes"][part][0], None
        block = entry.get("blocks", {}).get(part)
        if block is None:
            return "", None
        if last:
            return ("block" if block.get("nesting") == "single" else "blocks"), block
        entry = block
    return "", None


def pairs_schema(schema: Json, formation: CloudFormation, root: Json) -> tuple[str, str] | None:
    """Return the names of the two properties of a list's items, when they hold a key and a value."""
    item = formation.resolve(schema.get("items", {}), root)
    names = set(item.get("properties", {}))
    for pair in (("Key", "Value"), ("Name", "Value"), ("ParameterKey", "ParameterValue")):
        if set(pair) <= names:
            return pair
    return None


def conversion(row: Json, kind: str, schema: Json, formation: CloudFormation, root: Json) -> str | None:
    """Return the name of the transform a pair needs, "" for none, None when the pair cannot be used."""
    note = row.get("note", "")
    if any(tag in note for tag in TAG_NOTES) or (kind.startswith("map(") and is_list(schema)):
        pair = pairs_schema(schema, formation, root)
        return f"pairs {pair[0]} {pair[1]}" if pair else ("pairs Key Value" if "Key/Value" in note else None)
    if note.startswith("JSON"):
        if "camelCase" in note:
            return "json-pascal"
        return "" if schema.get("type") == "string" else "json"
    if note == "inverted":
        return "not"
    if kind in ("block", "blocks"):
        return "camel"
    if is_list(schema) and kind in ("string", "number", "bool"):
        return "list"
    if kind.startswith(("list(", "set(")) and schema and not is_list(schema) and schema.get("type") != "object":
        return "first"
    return ""


def flat_rows(pair: Json, provider: Json | None, formation: CloudFormation) -> Rows:
    """Return the rows of a candidate pair that can be used; sure ones win over likely ones."""
    root = formation.schema(pair["cfn_type"])
    rows: Rows = {}
    ordered = sorted(pair["properties"], key=lambda row: {"high": 0, "medium": 1}.get(row["confidence"], 2))
    for row in ordered:
        if row["confidence"] == "low" or row["tf"] in rows:
            continue
        path, schema = formation.walk(pair["cfn_type"], row["cfn"])
        kind, _ = provider_type(provider, row["tf"])
        if "[" in row["cfn"] and not path.endswith("[]"):
            if row["cfn"].endswith("]"):
                rows[row["tf"]] = (keyed(row["cfn"]), "")
            continue
        if ".*" in path:
            continue
        how = conversion(row, kind, schema, formation, root)
        if how is not None:
            if is_list(schema) and kind in ("block", "blocks"):
                path += "[]"
            rows[row["tf"]] = (path, how)
    return rows


def relative(path: str, prefix: str) -> str:
    if not prefix:
        return path
    if path == prefix:
        return ""
    return path[len(prefix) + 1 :] if path.startswith(prefix + ".") else "/" + path.lstrip("/")


def segments(path: str) -> list[str]:
    """Split a path at the dots outside of brackets."""
    return re.findall(r"(?:[^.\[]|\[[^\]]*\])+", path)


def common_prefix(paths: list[str]) -> str:
    split = [segments(path)[:-1] for path in paths]
    out = []
    for column in zip(*split, strict=False):
        if len(set(column)) > 1:
            break
        out.append(column[0])
    return ".".join(out)


def block_target(path: str, rows: Rows, below: Rows, prefix: str, many: bool) -> str:
    """Return where a block's content goes, as a full CloudFormation path."""
    targets = [target for target, _ in below.values()]
    own = rows.get(path, ("", ""))[0]
    inside = [t for t in targets if not prefix or t.startswith(prefix + ".")]
    if own and (not prefix or own.startswith(prefix + ".")):
        stem = own.removesuffix("[]")
        with_mark = stem + "[]" if any(t.startswith(stem + "[].") for t in inside) else own
        if any(t.startswith(with_mark + ".") for t in inside):
            return with_mark
    shared = common_prefix(inside) if inside else prefix
    if many and "[]" in shared[len(prefix):]:
        return shared[: shared.rindex("[]") + 2]
    if many and own == "" and shared != prefix and "[" not in shared:
        return shared
    if many or len(shared) < len(prefix):
        return prefix
    return shared


def tree_of(rows: Rows, provider: Json | None, at: str = "", prefix: str = "") -> Json:
    """Return the nested form: block -> {"": target, attribute: "Target | transform"}."""
    depth = len(at.split(".")) if at else 0
    names: dict[str, None] = {}
    for path in rows:
        parts = path.split(".")
        if len(parts) > depth and (not at or path.startswith(at + ".")):
            names[parts[depth]] = None
    tree: Json = {}
    for name in names:
        path = f"{at}.{name}" if at else name
        below = {p: r for p, r in rows.items() if p.startswith(path + ".")}
        if not below:
            target, how = rows[path]
            tree[name] = relative(target, prefix) + (f" | {how}" if how else "")
            continue
        many = provider_type(provider, path)[0] == "blocks"
        target = block_target(path, rows, below, prefix, many)
        inner = tree_of(rows, provider, path, target)
        tree[name] = {"": relative(target, prefix), **inner}
    return tree


def corrected(rows: Rows, hand: Json, kind: str, formation: CloudFormation) -> None:
    """Apply hand-written pairs: path -> "Target | transform", or null to leave the pair out."""
    for path, text in hand.get("properties", {}).items():
        if text is None:
            for known in [p for p in rows if p == path or p.startswith(path + ".")]:
                del rows[known]
            continue
        for known in [p for p in rows if p.startswith(path + ".")] if "|" in text else []:
            del rows[known]
        target, _, how = (part.strip() for part in text.partition("|"))
        if "[" not in target:
            target = formation.walk(kind, target)[0]
        rows[path] = (keyed(target) if target.endswith("]") and not target.endswith("[]") else target, how)


NOT_COPIED = ("type", "join", "properties", "replace", "switches")


def with_switches(tree: Json, switches: Json) -> Json:
    """Note in a block which argument switches it off: `path: argument default`."""
    for path, switch in switches.items():
        block = tree
        for part in path.split("."):
            block = block[part]
        block["?"] = switch
    return tree


SKIPPED = frozenset({"id", "region", "tags_all", "timeouts", "arn", "count", "for_each", "provider", "lifecycle"})


def own_words(tree: Json, provider: Json | None, join: str) -> list[str]:
    """Return top-level arguments without a twin: they keep their name, in CamelCase."""
    if provider is None:
        return []
    taken = {str(rule.get("", "") if isinstance(rule, dict) else rule).split(" |")[0].split(".")[0].split("[")[0]
             for rule in tree.values()}
    names = [name for name, about in provider.get("attributes", {}).items() if about[1] != "computed"]
    names += list(provider.get("blocks", {}))
    return sorted(
        name for name in names
        if name not in tree and name not in SKIPPED and name not in join.split("+") and camel(name) not in taken)


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def service_of(kind: str) -> str:
    parts = kind.split("::")
    return (parts[1] if len(parts) > 1 else kind).lower()


def entry_of(pair: Json, own: Json, provider: Json | None, formation: CloudFormation) -> Json:
    """Return the mapping entry of one candidate pair with its corrections."""
    kind = str(own.get("type", pair["cfn_type"]))
    rows = flat_rows(pair, provider, formation) if not own.get("replace") else {}
    corrected(rows, own, kind, formation)
    entry: Json = {"type": kind}
    join = own.get("join", pair.get("joins_on") if pair["role"] == "side" else None) or ""
    if join:
        entry["join"] = join
    entry.update({k: v for k, v in own.items() if k not in NOT_COPIED})
    entry["properties"] = properties = with_switches(tree_of(rows, provider), own.get("switches", {}))
    dropped = {path for path, text in own.get("properties", {}).items() if text is None}
    words = [one for one in own_words(properties, provider, join) if one not in dropped]
    if words:
        entry["own"] = words
    return entry


def entry_by_hand(own: Json, provider: Json | None, formation: CloudFormation) -> Json:
    """Return the mapping entry of a type that has corrections only."""
    kind = own["type"]
    rows: Rows = {}
    corrected(rows, own, kind, formation)
    entry: Json = {"type": kind}
    entry.update({k: v for k, v in own.items() if k not in NOT_COPIED or k == "join"})
    if rows:
        entry["properties"] = with_switches(tree_of(rows, provider), own.get("switches", {}))
    else:
        entry["spelling"] = "camel"
    return entry


def main() -> int:
    candidates, schema_path = sys.argv[1:3]
    with gzip.open(schema_path, "rt") as stream:
        entries = [json.loads(line) for line in stream]
    providers = {entry["type"]: entry for entry in entries if entry.get("kind") == "resource"}
    hand = yaml.safe_load((HERE / "terraform_corrections.yaml").read_text()) or {}
    formation = CloudFormation()
    services: dict[str, Json] = defaultdict(dict)
    done: set[str] = set()
    for line in Path(candidates).read_text().splitlines():
        pair = json.loads(line)
        name = pair["tf_type"]
        if pair.get("joins_on") != "self" and name not in done:
            done.add(name)
            entry = entry_of(pair, hand.pop(name, {}), providers.get(name), formation)
            services[service_of(entry["type"])][name] = entry
    if len(sys.argv) > 3:
        for row in csv.DictReader(Path(sys.argv[3]).read_text().splitlines()):
            hand.setdefault(row["tf_type"], {}).setdefault("type", row["canonical_type"])
    for name, own in hand.items():
        if name not in done:
            entry = entry_by_hand(own, providers.get(name), formation)
            services[service_of(entry["type"])][name] = entry
    write(services)
    return 0


def write(services: dict[str, Json]) -> None:
    for old in OUT.glob("*.json"):
        old.unlink()
    index = {name: service for service, types in services.items() for name in types}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(index[name])}" for name in sorted(index))
    (OUT / "index.json").write_text("{\n" + lines + "\n}\n")
    for service, types in sorted(services.items()):
        body = json.dumps({name: types[name] for name in sorted(types)}, indent=1, ensure_ascii=False)
        (OUT / f"{service}.json").write_text(body + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
