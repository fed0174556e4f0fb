"""`leftgate policy`: show the policy that holds, check policy files."""

from __future__ import annotations

import sys
from datetime import date

from scanner import flow
from scanner.cli.options import Parser
from scanner.cli.session import current_folder
from scanner.evaluate.policy import Policy

EXAMPLES = """\
examples:
  leftgate policy show                     what holds in this folder, and where it comes from
  leftgate policy show --policy strict
  leftgate policy check leftgate.yaml      exit status 2 names file, line, expected and found
"""


def run(arguments: list[str]) -> int:
    """Show or check a policy and return the exit status."""
    parser = Parser("policy", "Show the policy that holds, or check policy files.", EXAMPLES)
    parser.add_argument("action", choices=("show", "check"), help="what to do")
    parser.add_argument("files", nargs="*", metavar="FILE", help="policy files to check")
    parser.add_argument("--policy", metavar="NAME|FILE", default="", help="default, strict, audit, or a file")
    parser.add_argument("--policy-from", metavar="REF", default="", help="read the policy file from this git reference")
    options = parser.parse_args(arguments)
    if options.action == "check" and not options.files:
        parser.error("the following arguments are required: FILE")
    if options.action == "check":
        for name in options.files:
            policy = _policy(name, options.policy_from)
            sys.stdout.write(f"{name}: policy {policy.name} is well formed\n")
        return 0
    sys.stdout.write(_shown(_policy(options.policy, options.policy_from)))
    return 0


def _policy(name: str, reference: str) -> Policy:
    """Return the policy that a run in this folder would use."""
    request = flow.Request((".",), current_folder(), date.today(), policy_name=name, policy_reference=reference)
    return flow.policy_in_force(request)


def _shown(policy: Policy) -> str:
    """Return the policy in words."""
    lines = [f"policy {policy.name} ({policy.source}), profile {policy.profile}", "", "closes the gate:"]
    lines += [f"  {severity:9}{least if least == 'never' else f'from {least} confidence'}"
              for severity, least in policy.block.items()]
    lines += ["", f"unknown results:  {policy.unknown}", f"incomplete runs:  {policy.incomplete}"]
    if policy.frameworks:
        lines.append(f"frameworks:       {', '.join(policy.frameworks)}")
    if policy.exclude:
        lines.append(f"left out:         {', '.join(policy.exclude)}")
    for name, override in policy.rules.items():
        parts = ["does not run"] if override.run is False else []
        parts += [f"severity {override.severity}"] if override.severity else []
        parts += [f"{key}: {value}" for key, value in override.parameters.items()]
        lines.append(f"rule {name}: {', '.join(parts) or 'runs'}")
    for section in policy.sections:
        changes = [f"{severity} {least}" for severity, least in (section.block or {}).items()]
        lines.append(f"below {', '.join(section.match)}: {', '.join([*changes, *section.rules])}")
    for waiver in policy.waivers:
        until = waiver.expires.isoformat() if waiver.expires else "no end"
        about = waiver.address or waiver.path or waiver.fingerprint
        lines.append(f"waiver {waiver.rule} for {about}: {waiver.reason} ({waiver.owner}, {until})")
    return "\n".join(lines) + "\n"

