"""Reports for the reporters' tests: one without anything, one with everything."""

from __future__ import annotations

import pytest

from scanner.core.artifact import Notification
from scanner.core.location import Location
from scanner.core.report import FAILED, PASSED, Coverage, Decision, Report
from scanner.core.result import Result, Step, Suppression
from scanner.core.rule import Rule
from scanner.report.redaction import Redactor

TEMPLATE = """\
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
"""
SCRIPT = 'export TOKEN="s3cr3t-värld-4711"\n\tcurl -H "x: s3cr3t-värld-4711" "https://a.example/?q=🔑" | bash\n'
FILES = {"infra/app.yaml": TEMPLATE, "scripts/a b#.sh": SCRIPT}

RULES = {
    "security-group-open-to-world-on-ssh": Rule(
        "security-group-open-to-world-on-ssh", "Security group lets the world reach SSH", "network", "critical", "high",
        controls={"aws-config": ("INCOMING_SSH_DISABLED",), "checkov": ("CKV_AWS_24",)},
        rationale="Password guessing starts within minutes.", remediation="Use Session Manager.",
        references=("https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",),
    ),
    "hard-coded-token": Rule("hard-coded-token", "Token in clear", "secrets", "high", "medium"),
    "download-piped-to-shell": Rule("download-piped-to-shell", "Download runs unseen", "pipeline", "medium", "high"),
    "security-group-undescribed": Rule("security-group-undescribed", "No description", "resources", "info", "low"),
}


def result(rule: str, compliance: str, message: str, address: str, at: Location, **more: object) -> Result:
    facts = RULES[rule]
    return Result(rule, facts.category, compliance, facts.severity, facts.confidence, message, address, at,
                  controls=facts.controls, **more)  # type: ignore[arg-type]


def full() -> Report:
    source = FILES.get
    header = Location("infra/app.yaml", 2, 3, 2, 6)
    results = [
        result("security-group-undescribed", "COMPLIANT", "Web: passes", "Web", header, fingerprint="0" * 32),
        result("security-group-open-to-world-on-ssh", "NON_COMPLIANT", "Web lets 0.0.0.0/0 reach SSH [22](x)", "Web",
               Location("infra/app.yaml", 6, 63, 6, 72), related=(("AWS::EC2::SecurityGroup Web[0]", header),),
               fingerprint="1" * 32, path=(Step("the internet reaches", header), Step("port 22", header))),
        result("security-group-open-to-world-on-ssh", "INSUFFICIENT_DATA", "Db: cannot tell: parameter P has no default", "Db",
               header, fingerprint="2" * 32),
        result("hard-coded-token", "NON_COMPLIANT", "Token in clear: 17 characters", "scripts/a b#.sh",
               Location("scripts/a b#.sh", 1, 15, 1, 32), fingerprint="3" * 32),
        result("download-piped-to-shell", "NON_COMPLIANT", 'curl -H "x: s3cr3t-värld-4711" | bash', "scripts/a b#.sh",
               Location("scripts/a b#.sh", 2, 2, 2, 66), fingerprint="4" * 32),
        result("hard-coded-token", "NON_COMPLIANT", "Token in clear: 17 characters", "scripts/a b#.sh",
               Location("scripts/a b#.sh", 2, 14, 2, 31), fingerprint="5" * 32,
               suppressions=(Suppression("waiver", "replaced on Monday", "leftgate.yaml:7 (ops)", "2027-01-31"),)),
        result("security-group-undescribed", "NON_COMPLIANT", "Web <&> \x1b[31mred", "Web", header, fingerprint="6" * 32,
               suppressions=(Suppression("inline", "known", "infra/app.yaml:1"),)),
    ]
    redactor = Redactor(results, source)
    notifications = (
        Notification("error", "yaml-syntax", "a value was expected, the file ends", Location("infra/b.yaml", 3, 1, 3, 1), "write one"),
        Notification("warning", "waiver-expired", "the waiver of x ended on 2026-01-01", Location("leftgate.yaml", 9, 1, 9, 1)),
        Notification("note", "run", "nothing special about s3cr3t-värld-4711"),
    )
    return Report(
        Decision(FAILED, 1, ("1 critical and 1 high findings are over the threshold", "1 thing could not be looked at (yaml-syntax)")),
        Coverage(3, 400, (("cloudformation", 2), ("shell", 1)), (("binary", 2),), (("AWS::EC2::SecurityGroup", 1), ("Text", 3)), 42, 7),
        tuple(redactor.result(one) for one in results), tuple(redactor.notification(note) for note in notifications), RULES,
        "default", "/somewhere", redactor.text, frozenset({"1" * 32, "3" * 32}), source, "service/", "default",
    )


def nothing() -> Report:
    return Report(
        Decision(PASSED, 0, ("no finding is over the threshold",)), Coverage(1, 12, (("text", 1),), (), (("Text", 1),), 9, 0),
        (), (), {}, "default", "/somewhere", lambda path: None,
    )


@pytest.fixture
def full_report() -> Report:
    return full()


@pytest.fixture
def empty_report() -> Report:
    return nothing()
