"""A pipeline of any size is judged with its graph made once, not once for each action."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scanner.analysis.pipeline import order
from scanner.flow import Request, run

ACTION = "            - {{Name: {name}, ActionTypeId: {{Category: {category}, Owner: AWS, Provider: CodeBuild, Version: '1'}}}}\n"


def test_graph_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Resources:\n  Release:\n    Type: AWS::CodePipeline::Pipeline\n    Properties:\n      Stages:\n"
    for stage in range(40):
        text += f"        - Name: S{stage}\n          Actions:\n" + ACTION.format(name="a", category="Deploy")
    (tmp_path / "t.yaml").write_text(text)
    made: list[object] = []
    original = order.pipeline_nodes
    monkeypatch.setattr(order, "pipeline_nodes", lambda *given: made.append(given) or original(*given))
    run(Request((".",), str(tmp_path), date(2026, 11, 29), search_policy=False))
    assert len(made) == 1
