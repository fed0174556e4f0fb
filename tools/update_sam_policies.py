"""Write scanner/facts/sam_policies.json: what each SAM policy template grants, and paths of managed policies.

Source: the policy templates of aws-sam-translator (Apache-2.0), the definition that `sam deploy` uses. Only names,
actions, resources and conditions are kept.

    python tools/update_sam_policies.py      (with aws-sam-translator installed)
"""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "scanner" / "facts" / "sam_policies.json"


def plain(value: Any) -> Any:
    """Return the value with `Fn::Sub` written as text whose placeholders are the template's parameters."""
    if isinstance(value, dict):
        if "Ref" in value:
            return "${" + value["Ref"] + "}"
        if "Fn::Sub" in value:
            text, names = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
            for name, target in names.items():
                text = text.replace("${" + name + "}", plain(target))
            return text
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def main() -> None:
    package = files("samtranslator")
    templates = json.loads(package.joinpath("policy_templates_data/policy_templates.json").read_text())["Templates"]
    managed = json.loads(package.joinpath("internal/data/aws_managed_policies.json").read_text())["aws"]
    paths = {name: arn.split(":policy/")[1] for name, arn in managed.items()}
    content = {
        "source": f"aws-sam-translator {version('aws-sam-translator')}",
        "paths": {name: path for name, path in sorted(paths.items()) if path != name},
        "templates": {name: plain(templates[name]["Definition"]["Statement"]) for name in sorted(templates)},
    }
    TARGET.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
