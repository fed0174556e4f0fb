"""Serverless Framework files (`serverless.yml`): what they make of functions, roles and resources on AWS.

`state` is the dialect's front door. `resources` is CloudFormation and is read as such (`scanner.model.cloudformation`);
`variables` resolves `${...}`, `functions` says what the framework makes of `functions` and `provider`. What events make
(APIs, queues, rules) is not read.
"""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.model.workspace import Workspace


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State the resources of every service among the artifacts."""
    from scanner.model.cloudformation.deployment import Deployment
    from scanner.model.serverless.service import service_of

    deployment = Deployment(workspace)
    for artifact in artifacts:
        service = service_of(artifact, workspace)
        if service is not None:
            deployment.connect(service)
            deployment.state(service, 0)


__all__ = ["state"]
