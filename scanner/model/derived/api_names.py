"""How the CLI and the SDKs spell the names of API operations and parameters."""

from __future__ import annotations

_ACRONYMS = {"db": "DB", "saml": "SAML", "mfa": "MFA", "ssh": "SSH"}
_WITH_ACRONYMS = frozenset(("iam", "neptune", "rds"))
_LOWER_FIRST = frozenset((
    "batch", "bedrock", "codeartifact", "codebuild", "codecommit", "codepipeline", "datapipeline", "deploy",
    "devicefarm", "ecr", "ecr-public", "ecs", "eks", "glacier", "grafana", "iot", "iotanalytics", "lightsail", "logs",
    "macie2", "stepfunctions",
))
_PARAMETERS = {
    # (service, parameter of the CLI) -> parameter of the API, where the CLI has a name of its own
    ("ec2", "cidr"): "CidrIp", ("ec2", "protocol"): "IpProtocol", ("ec2", "source-group"): "SourceSecurityGroupName",
    ("ec2", "ingress"): "Ingress", ("ec2", "port"): "Port",
    ("s3api", "acl"): "ACL", ("s3", "acl"): "ACL", ("rds", "cidrip"): "CIDRIP", ("redshift", "cidrip"): "CIDRIP",
    ("sns", "attribute-value"): "AttributeValue", ("deploy", "github-location"): "gitHubLocation",
}


def camel(words: str, separator: str, service: str) -> str:
    """Return `AuthorizeSecurityGroupIngress` for `authorize-security-group-ingress`, with the API's acronyms."""
    special = _ACRONYMS if service in _WITH_ACRONYMS else {}
    return "".join(special.get(word, word[:1].upper() + word[1:]) for word in words.split(separator) if word)


def operation_name(service: str, typed: str, separator: str = "-") -> str:
    """Return the API's name of an operation as the CLI or an SDK spells it."""
    return camel(typed, separator, service)


def parameter_name(service: str, flag: str) -> str:
    """Return the API's name of a CLI parameter, without its dashes."""
    special = _PARAMETERS.get((service, flag))
    if special is not None:
        return special
    name = camel(flag, "-", service)
    return name[:1].lower() + name[1:] if service in _LOWER_FIRST else name


def cli_service(client: str) -> str:
    """Return the CLI's name of a service that an SDK client is made for."""
    return {"s3": "s3api", "opensearchservice": "opensearch", "codedeploy": "deploy"}.get(client, client)
