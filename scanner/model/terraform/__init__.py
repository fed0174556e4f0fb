"""Terraform: configurations of the AWS provider as resources in CloudFormation shape.

`state(artifacts, workspace)` finds the root modules, evaluates what Terraform would work out before `plan`, and
states every instance of every resource; what cannot be known stays unknown with its reason.
"""

from __future__ import annotations

import sys

from scanner.core.artifact import Artifact
from scanner.model.workspace import Workspace

RECURSION = 12_000


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State the subjects of all Terraform files of a run."""
    from scanner.model.terraform.statement import state_roots

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        state_roots(artifacts, workspace)
    finally:
        sys.setrecursionlimit(before)
