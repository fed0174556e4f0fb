"""Install leftgate's hooks with the real pre-commit from a clone, and let it judge a bad and a good commit.

Needs what pip needs to install leftgate; takes about a minute, most of it installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web servers
      SecurityGroupIngress:
        - {{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: {source}, Description: office}}
"""


def main() -> int:
    """Return 0 when the bad commit is blocked, the good one passes, and --all-files passes."""
    with tempfile.TemporaryDirectory(prefix="leftgate-hooks-") as name:
        folder = Path(name)
        environment = {
            **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(folder / "cache"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

        def call(*words: str, cwd: Path, expected: tuple[int, ...] = (0,)) -> str:
            done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
            if done.returncode not in expected:
                sys.exit(f"{words}: exit status {done.returncode}, expected {expected}\n{done.stdout}{done.stderr}")
            return done.stdout + done.stderr

        git = ("git", "-c", "user.name=check", "-c", "user.email=check@example.org")
        call("git", "clone", "--quiet", str(ROOT), str(folder / "leftgate"), cwd=folder)
        revision = call("git", "rev-parse", "HEAD", cwd=folder / "leftgate").strip()
        project = folder / "project"
        project.mkdir()
        call(*git, "init", "-q", cwd=project)
        (project / ".pre-commit-config.yaml").write_text(
            f"repos:\n  - repo: {folder / 'leftgate'}\n    rev: {revision}\n"
            "    hooks:\n      - id: leftgate\n      - id: leftgate-staged\n"
        )
        call("pre-commit", "install", cwd=project)
        call(*git, "add", ".", cwd=project)
        call(*git, "commit", "-m", "hooks", "--no-verify", cwd=project)
        (project / "web.yaml").write_text(TEMPLATE.format(source="0.0.0.0/0"))
        call(*git, "add", ".", cwd=project)
        blocked = call(*git, "commit", "-m", "bad", cwd=project, expected=(1,))
        if "web.yaml" not in blocked:
            sys.exit(f"the bad commit was blocked without naming web.yaml:\n{blocked}")
        (project / "web.yaml").write_text(TEMPLATE.format(source="192.0.2.0/24"))
        call(*git, "add", ".", cwd=project)
        call(*git, "commit", "-m", "good", cwd=project)
        call("pre-commit", "run", "--all-files", cwd=project)
    print("hooks: bad commit blocked, good commit passed, --all-files passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
