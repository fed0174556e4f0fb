"""What commands are taken for: deployments, checks, softened checks, packages, downloads."""

from __future__ import annotations

import pytest

from scanner.analysis.shell import containers, dependencies, downloads, files, secret_flow, untrusted
from scanner.analysis.shell.purposes import deploys, gate, softened
from scanner.core.location import Location
from scanner.core.subject import Command, Script
from scanner.core.value import Scalar
from scanner.model.scripts import script
from scanner.model.workspace import Workspace


class Nothing:
    def read(self, path: str) -> None:
        return None

    def below(self, folder: str) -> list[str]:
        return []


def commands(text: str) -> list[Command]:
    made = script(Workspace(Nothing(), []), Scalar(text, Location("s.sh", 1, 1, 1, 1)), "s", "build", "s.sh")  # type: ignore[arg-type]
    assert isinstance(made, Script)
    return list(made.commands)


def lines(predicate: object, text: str, **arguments: object) -> list[int]:
    """Return the indexes of the commands for which a predicate holds."""
    return [index for index, command in enumerate(commands(text)) if predicate(command, arguments, None).holds]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws lambda update-function-code --function-name x", True), ("aws lambda list-functions", False),
        ("aws --region eu-west-1 cloudformation deploy --stack-name s", True), ("aws s3 cp s3://b/x .", False),
        ("aws s3 cp x s3://b/x", True), ("npx cdk deploy", True), ("npm run -- cdk deploy", True), ("npm run build", False),
        ("terraform -chdir=infra apply tfplan", True), ("terraform plan", False), ("kubectl get pods", False),
        ("helm upgrade --install a b", True), ("sam deploy --help", False), ("mvn clean deploy", True), ("mvn package", False),
        ("twine upload dist/*", True), ("deploy.sh", False),
    ],
)
def test_deploys(text: str, expected: bool) -> None:
    assert deploys(commands(text)[0]) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkov -d .", "checkov"), ("python -m bandit -r src", "bandit"), ("trivy image x", "trivy"), ("trivy --version", ""),
        ("docker run --rm -v $PWD:/x aquasec/trivy:0.50 fs /x", "trivy"), ("npm audit", "npm audit"), ("npm install", ""),
        ("npx snyk test", "snyk"), ("pip install bandit", ""), ("cfn_nag_scan --input-path t", "cfn-nag-scan"), ("semgrep --help", ""),
    ],
)
def test_gate(text: str, expected: str) -> None:
    assert gate(commands(text)[0]) == expected


@pytest.mark.parametrize(
    ("text", "soft"),
    [
        ("bandit -r src || true", True), ("bandit -r src || exit 1", False), ("bandit -r src || echo failed", True),
        ("bandit -r src || { echo failed; exit 1; }", False), ("bandit -r src &", True), ("bandit --exit-zero -r src", True),
        ("trivy fs .", True), ("trivy fs --exit-code 1 .", False), ("trivy fs --exit-code 0 .", True), ("checkov -s -d .", True),
        ("checkov --soft-fail-on LOW -d .", False), ("set +e\nbandit -r src", True), ("set +e\nbandit -r src\ntest $? = 0", False),
        ("bandit -r src; true", True), ("bandit -r src && deploy", False),
    ],
)
def test_softened(text: str, soft: bool) -> None:
    found = commands(text)
    index, check = next((index, command) for index, command in enumerate(found) if gate(command))
    assert (softened(check, found[:index]) is not None) is soft


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl u | bash", [0]), ("curl u | sudo sh -s -- x", [0]), ("curl u | jq .", []), ("curl u | python3 -c 'x'", []),
        ("bash <(curl u)", [1]), ("eval $(curl u)", [1]), ("X=$(curl u)", []), ("curl -o a.sh https://h.example/a.sh\nsh a.sh", [0]),
        ("curl -o a.sh https://h.example/a.sh\nsha256sum -c a.sum\nsh a.sh", []), ("curl u | tee log | bash", [0]),
    ],
)
def test_run_downloads(text: str, expected: list[int]) -> None:
    assert lines(downloads.piped_to_interpreter, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -LO https://h.example/a.zip", [0]), ("curl https://h.example/health", []), ("curl -LO https://h.example/a.zip\nsha256sum -c s", []),
        ("curl -d @x https://h.example/a.zip", []), ("wget -O /usr/local/bin/t https://h.example/t", [0]), ("curl -O http://localhost/a.zip", []),
    ],
)
def test_unverified_downloads(text: str, expected: list[int]) -> None:
    assert lines(downloads.unverified, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -sSkL u", [0]), ("curl -sSL u", []), ("pip install --trusted-host h x==1", [0]), ("GIT_SSL_NO_VERIFY=1 git pull", [0]),
        ("ssh -o StrictHostKeyChecking=no h", [0]), ("git config --global http.sslVerify false", [0]), ("npm config set strict-ssl false", [0]),
        ("tar -kxf a.tar", []),
    ],
)
def test_tls_off(text: str, expected: list[int]) -> None:
    assert lines(downloads.unverified_tls, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pip install a", [0]), ("pip install a==1", []), ("pip install -r r.txt", []), ("pip install .", []), ("python3 -m pip install -U pip", [0]),
        ("npm ci", []), ("npm install", [0]), ("npm i -g a@1.2.3", []), ("npm i -g a", [0]), ("npm install $PACKAGE", []), ("yarn install", []),
        ("gem install a -v 1.0", []), ("apt-get install -y jq", [0]), ("apt-get install jq=1.6-2", []), ("apt-get update", []),
        ("pip install --upgrade 'a>=1'", [0]), ("npx tsc", [0]), ("npx tsc@5 -p .", []),
    ],
)
def test_unpinned(text: str, expected: list[int]) -> None:
    assert lines(dependencies.unpinned, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker run --privileged x", [0]), ("docker run x --privileged-looking", []), ("docker run -v /:/host x", [0]), ("docker run -v /srv:/s x", []),
        ("docker run -v /var/run/docker.sock:/s x", [0]), ("docker run --net=host x", [0]), ("docker build --network host .", []),
    ],
)
def test_privileged_containers(text: str, expected: list[int]) -> None:
    assert lines(containers.privileged_run, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker login -u AWS --password-stdin r", []), ("docker login -u a -p $P r", [0]), ("docker run -p 80:80 x", []),
        ("curl -u $USER:$PW u", [0]), ("curl -u user: u", []), ("mysql -p$DB_PASSWORD", [0]), ("mysql -p", []),
        ("curl -H \"Authorization: Bearer $API_TOKEN\" u", [0]), ("curl -H 'Accept: json' u", []),
    ],
)
def test_secrets_on_the_command_line(text: str, expected: list[int]) -> None:
    assert lines(secret_flow.on_command_line, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git checkout $CODEBUILD_WEBHOOK_HEAD_REF", [0]), ('git checkout "$CODEBUILD_WEBHOOK_HEAD_REF"', []),
        ("bash -c \"x $CODEBUILD_WEBHOOK_HEAD_REF\"", [0, 1]), ("B=$(git log -1 --pretty=%s)\nrun $B", [2]), ('B=$(git log -1 --pretty=%s)\nrun "$B"', []),
        ("B=$(git rev-parse HEAD)\nrun $B", []), ("B=$(echo $CODEBUILD_WEBHOOK_HEAD_REF | tr -cd a-z)\nrun $B", []), ("echo $CODEBUILD_WEBHOOK_HEAD_REF", []),
    ],
)
def test_untrusted_text(text: str, expected: list[int]) -> None:
    assert lines(untrusted.in_shell, text) == expected


@pytest.mark.parametrize(("mode", "expected"), [("777", True), ("0777", True), ("1777", False), ("755", False), ("646", True), ("o+w", True), ("+x", False), ("a+rw", True), ("u+w", False), ("g=rw", False)])
def test_world_writable(mode: str, expected: bool) -> None:
    assert files.world_writable_bits(mode) is expected


@pytest.mark.parametrize(("mode", "expected"), [("4755", True), ("2755", True), ("1777", False), ("0755", False), ("u+s", True), ("755", False)])
def test_set_id(mode: str, expected: bool) -> None:
    assert files.set_id_bits(mode) is expected
