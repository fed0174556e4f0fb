"""Pipeline documents -> subjects: places, faults, scripts, links."""

from __future__ import annotations

from importlib import import_module

import pytest

from scanner.core.artifact import Artifact
from scanner.core.subject import Command, FileGrant, FormatFault, Resource, Script
from scanner.core.value import plain
from scanner.model.workspace import Workspace


class Repository:
    """Files of a made-up repository."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> Artifact | None:
        return Artifact(path, self.files[path].encode()) if path in self.files else None

    def below(self, folder: str) -> list[str]:
        return sorted(path for path in self.files if path.startswith(folder))


def stated(dialect: str, path: str, text: str, derive: tuple[str, ...] = (), **others: str) -> Workspace:
    """Return a workspace in which one file was stated; `others` are further files, `__` standing for a slash."""
    artifact = Artifact(path, text.encode())
    files = {name.replace("__", "/").replace("_dot_", "."): body for name, body in others.items()}
    workspace = Workspace(Repository({path: text, **files}), [artifact])
    import_module(f"scanner.model.{dialect}").state([artifact], workspace)
    for name in derive:
        import_module(f"scanner.model.derived.{name}").derive(workspace)
    return workspace


def faults(workspace: Workspace) -> list[tuple[int, str]]:
    return [(found.at.start_line, found.fault) for found in workspace.inventory.of_kind("FormatFault") if isinstance(found, FormatFault)]


def commands(workspace: Workspace) -> list[Command]:
    return [found for found in workspace.inventory.of_kind("Command") if isinstance(found, Command)]


BUILDSPEC = """\
version: 0.2
run-as: app
env:
  shell: bash
phases:
  build:
    commands:
      - cd src
      - |
        make all
        make test
  post_build:
    run-as: root
    finally:
      - rm -rf tmp
"""


def test_buildspec_scripts_have_stage_user_and_lines() -> None:
    workspace = stated("buildspec", "buildspec.yml", BUILDSPEC)
    scripts = [found for found in workspace.inventory.of_kind("Script") if isinstance(found, Script)]
    assert [(found.address, found.stage, found.user, found.shell) for found in scripts] == [
        ("phases.build.commands", "build", "app", "bash"),
        ("phases.post_build.finally", "post_build.finally", "root", "bash"),
    ]
    assert [(found.name, found.at.start_line, found.at.start_column) for found in commands(workspace)] == [
        ("cd", 8, 9), ("make", 10, 9), ("make", 11, 9), ("rm", 15, 9),
    ]


def test_buildspec_version_01_has_a_shell_for_each_command() -> None:
    text = "version: 0.1\nphases:\n  build:\n    commands:\n      - set -e\n      - make\n"
    assert commands(stated("buildspec", "b.yml", text))[1].options == frozenset()
    assert commands(stated("buildspec", "b.yml", text.replace("0.1", "0.2")))[1].options == {"errexit"}


def test_text_that_only_powershell_reads_is_a_powershell_script() -> None:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - '& msbuild $env:SOLUTION'\n"
    (script,) = stated("buildspec", "b.yml", text).inventory.of_kind("Script")
    assert isinstance(script, Script)
    assert script.shell == "powershell"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("version: 0.3\nphases: {build: {commands: [a]}}\n", [(1, "bad-value")], id="version"),
        pytest.param("version: 0.2\nphases:\nbuild:\n  commands: [a]\n", [(2, "wrong-type"), (3, "misplaced")], id="phase at top level"),
        pytest.param("version: 0.2\nphases:\n  biuld:\n    commands: [a]\n", [(3, "unknown-key")], id="misspelt phase"),
        pytest.param("version: 0.2\nphases:\n  build:\n    commands: a\n", [(4, "wrong-type")], id="commands as text"),
        pytest.param("version: 0.2\nphases:\n  build:\n    commands:\n      - a: b\n", [(5, "wrong-type")], id="command with a colon"),
        pytest.param("version: 0.2\nphases:\n  build:\n    runtime-versions: {go: 1}\n    commands: [a]\n", [(4, "misplaced")], id="runtimes"),
        pytest.param("version: 0.2\nenv:\n  git-credential-helper: maybe\nphases: {build: {commands: [a]}}\n", [(3, "wrong-type")], id="flag"),
        pytest.param("version: 0.2\nbatch:\n  build-graph:\n    - buildspec: a.yml\n", [(4, "missing")], id="task without name"),
        pytest.param("version: 0.2\nphases:\n  build:\n    on-failure: RETRY-2-.*x.*\n    commands: [a]\n", [], id="retry with count"),
        pytest.param(BUILDSPEC, [], id="valid"),
        pytest.param("", [(1, "missing")], id="empty"),
        pytest.param("# later\n", [(1, "missing")], id="comments only"),
    ],
)
def test_buildspec_faults(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(stated("buildspec", "b.yml", text)) == expected


APPSPEC = """\
version: 0.0
os: linux
files:
  - source: app
    destination: /srv/app
permissions:
  - object: /srv/app
    mode: 0644
  - object: /srv/bin
    mode: "0755"
hooks:
  AfterInstall:
    - location: ci/start.sh
      runas: app
      timeout: 60
"""


def test_appspec_follows_hook_scripts() -> None:
    workspace = stated("appspec", "appspec.yml", APPSPEC, ci__start_dot_sh="#!/bin/bash -e\nsystemctl start app\n")
    appspec = workspace.inventory.of_kind("AppSpec")[0]
    (script,) = workspace.inventory.linked(appspec, "script")
    assert isinstance(script, Script)
    assert (script.stage, script.user, script.at.path) == ("AfterInstall", "app", "ci/start.sh")
    assert [(found.name, found.at.start_line, found.options) for found in commands(workspace)] == [
        ("systemctl", 2, frozenset({"errexit"})),
    ]


def test_appspec_modes_keep_their_spelling() -> None:
    grants = [found for found in stated("appspec", "appspec.yml", APPSPEC).inventory.of_kind("FileGrant") if isinstance(found, FileGrant)]
    assert [(found.grant, getattr(found.mode, "content", None), found.octal_trap) for found in grants] == [
        ("copy", None, False), ("permission", "0644", True), ("permission", "0755", False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(APPSPEC, [], id="valid"),
        pytest.param("version: 0.0\nos: linux\nhooks:\n  Install:\n    - location: a\n", [(4, "reserved-event")], id="reserved event"),
        pytest.param("version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: a\n      timeout: 2000\n    - location: b\n      timeout: 2000\n",
                     [(8, "bad-value")], id="times of an event add up"),
        pytest.param("version: 0.0\nos: solaris\n", [(2, "bad-value")], id="system"),
        pytest.param("", [(1, "missing")], id="empty"),
        pytest.param("version: 0.0\nos: linux\nfiles:\n  - source: yes\n    destination: 'no'\n", [(4, "wrong-type")], id="boolean"),
        pytest.param("version: 0.0\nos: linux\npermissions:\n  - object: a\n    mode: 0o755\n", [(5, "bad-value")], id="mode of YAML 1.2"),
        pytest.param("version: 0.0\nResources:\n  - T:\n      Type: AWS::ECS::Service\n      Properties: {}\n", [(5, "missing")], id="ECS"),
    ],
)
def test_appspec_faults(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(stated("appspec", "appspec.yml", text)) == expected


@pytest.mark.parametrize(
    ("runner", "shell", "read_by"),
    [("windows-latest", "", "pwsh"), ("ubuntu-latest", "", "bash"), ("windows-2022", "cmd", "cmd"), ("windows-2022", "bash", "bash"), ("${{ matrix.os }}", "", "bash")],
)
def test_github_runs_powershell_on_windows(runner: str, shell: str, read_by: str) -> None:
    step = f"      - run: x\n        shell: {shell}\n" if shell else "      - run: x\n"
    workflow = stated("github_actions", "w.yml", f"on: push\njobs:\n  a:\n    runs-on: {runner}\n    steps:\n{step}")
    script, = workflow.inventory.of_kind("Script")
    assert script.shell == read_by


@pytest.mark.parametrize("dialect", ["buildspec", "appspec"])
def test_further_documents_are_not_read_and_named(dialect: str) -> None:
    workspace = stated(dialect, "x.yml", "version: 0.0\n---\nversion: 0.1\n")
    assert [(note.kind, note.at and note.at.start_line) for note in workspace.notifications] == [(f"{dialect}-further-document", 3)]


@pytest.mark.parametrize("location", ["../../etc/x.sh", "/etc/passwd", "missing.sh"])
def test_appspec_reads_no_script_from_outside(location: str) -> None:
    workspace = stated("appspec", "deploy/appspec.yml", APPSPEC.replace("ci/start.sh", location))
    assert workspace.inventory.of_kind("Script") == []


def test_pipeline_is_respelled_and_configuration_is_not() -> None:
    text = """{"pipeline": {"name": "p", "roleArn": "r", "artifactStores": {"eu-west-1": {"type": "S3", "location": "b"}}, "stages": [
      {"name": "S", "actions": [{"name": "A", "actionTypeId": {"category": "Build"}, "configuration": {"lowerKey": "v"}}]}]}}"""
    made = stated("codepipeline", "p.json", text, ("parts",)).inventory.of_kind("AWS::CodePipeline::Pipeline")[0]
    assert isinstance(made, Resource)
    assert plain(made.properties.get("ArtifactStores")) == [
        {"Region": "eu-west-1", "ArtifactStore": {"Type": "S3", "Location": "b"}},
    ]
    stages = plain(made.properties.get("Stages"))
    assert stages == [{"Name": "S", "Actions": [
        {"Name": "A", "ActionTypeId": {"Category": "Build"}, "Configuration": {"lowerKey": "v"}},
    ]}]


def test_task_definition_is_respelled() -> None:
    text = """{"family": "web", "containerDefinitions": [{"name": "c", "logConfiguration": {"logDriver": "x", "options": {"a-b": "1"}}}],
      "volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "authorizationConfig": {"iam": "ENABLED"}}}]}"""
    made = stated("task_definition", "t.json", text).inventory.of_kind("AWS::ECS::TaskDefinition")[0]
    assert isinstance(made, Resource)
    assert plain(made.properties.get("Volumes")) == [
        {"Name": "v", "EFSVolumeConfiguration": {"FilesystemId": "fs-1", "AuthorizationConfig": {"IAM": "ENABLED"}}},
    ]
    assert plain(made.properties.get("ContainerDefinitions")) == [
        {"Name": "c", "LogConfiguration": {"LogDriver": "x", "Options": {"a-b": "1"}}},
    ]


def test_project_webhook_becomes_triggers_and_inline_buildspec_is_read() -> None:
    text = """{"name": "p",
      "source": {"type": "GITHUB", "buildspec": "version: 0.2\\nphases:\\n  build:\\n    commands:\\n      - make"},
      "webhook": {"filterGroups": [[{"type": "EVENT", "pattern": "PUSH, PULL_REQUEST_CREATED"}]]}}"""
    workspace = stated("codebuild", "c.json", text, ("buildspecs", "parts"))
    group = workspace.inventory.of_kind("WebhookFilterGroup")[0]
    assert isinstance(group, Resource)
    assert plain(group.properties.get("Events")) == ["PUSH", "PULL_REQUEST_CREATED"]
    project = workspace.inventory.of_kind("AWS::CodeBuild::Project")[0]
    assert [found.address for found in workspace.inventory.linked(project, "buildspec")] == ["p.BuildSpec"]
    assert [(found.name, found.at.start_line) for found in commands(workspace)] == [("make", 2)]


def test_dockerfile_stages_arguments_and_run_places() -> None:
    text = "ARG V=1.2\nFROM base:${V} AS b\nUSER app\nRUN a \\\n  && b\nFROM other\nRUN <<E\nc\nE\n"
    workspace = stated("dockerfile", "Dockerfile", text)
    made = workspace.inventory.of_kind("Dockerfile")[0]
    assert isinstance(made, Resource)
    images = [item for item in plain(made.properties.get("Instructions")) if item["Instruction"] == "FROM"]  # type: ignore[attr-defined]
    assert [(item["Image"], item["Stage"]) for item in images] == [("base:1.2", 0), ("other", 1)]
    assert [(found.name, found.at.start_line, found.script.user) for found in commands(workspace)] == [
        ("a", 4, "app"), ("b", 5, "app"), ("c", 8, ""),
    ]


def test_called_scripts_are_followed() -> None:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - ./ci/run.sh\n"
    workspace = stated("buildspec", "b.yml", text, ("called_scripts",), ci__run_dot_sh="deploy it\n")
    assert [(found.name, found.at.path) for found in commands(workspace)] == [("run.sh", "b.yml"), ("deploy", "ci/run.sh")]


def test_workflow_and_gitlab_scripts() -> None:
    workflow = stated("github_actions", "w.yml", "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          x\n          y\n")
    assert [(found.name, found.at.start_line, found.options) for found in commands(workflow)] == [
        ("x", 6, {"errexit"}), ("y", 7, {"errexit"}),
    ]
    gitlab = stated("gitlab_ci", ".gitlab-ci.yml", "job:\n  script:\n    - a\n    - b\n")
    assert [(found.name, found.at.start_line) for found in commands(gitlab)] == [("a", 3), ("b", 4)]


def test_appspec_in_a_deployment_keeps_its_places() -> None:
    text = """\
revision:
  revisionType: AppSpecContent
  appSpecContent:
    content: |
      version: 0.0
      Resources:
        - web:
            Type: AWS::Lambda::Function
            Properties: {Name: web, Alias: live, CurrentVersion: 3}
      Hooks:
        - Install: check
"""
    workspace = stated("codedeploy", "deployment.yaml", text, ("appspecs",))
    deployment = workspace.inventory.of_kind("AWS::CodeDeploy::Deployment")[0]
    made = workspace.inventory.linked(deployment, "appspec")[0]
    assert (made.kind, made.at.start_line, made.dialect) == ("AppSpec", 5, "codedeploy")
    assert faults(workspace) == [(9, "missing"), (11, "reserved-event")]


def test_deployment_that_holds_no_appspec_is_noted() -> None:
    text = '{"revisionType": "String", "string": {"content": "{\\"version\\": "}}'
    workspace = stated("codedeploy", "revision.json", text, ("appspecs",))
    assert not workspace.inventory.of_kind("AppSpec")
    assert [note.at.start_line for note in workspace.notifications] == [1]


def test_env_file_values_without_quotes_and_comments() -> None:
    made = stated("env_file", ".env", "# x\nA=1 # one\nexport B='two words'\n").inventory.of_kind("EnvFile")[0]
    assert isinstance(made, Resource)
    assert plain(made.properties.get("Variables")) == [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "two words"}]


@pytest.mark.parametrize("dialect", ["buildspec", "appspec", "codepipeline", "codebuild", "codedeploy", "task_definition", "dockerfile", "shell_script", "github_actions", "gitlab_ci", "env_file"])
@pytest.mark.parametrize("text", ["", "[]", "null", "- a\n- b\n", "a: &x [*x]\n", "{\"a\": ", "\x00", "version: {a: b}\nphases: [1]\nhooks: 3\njobs: []\n", "FROM\nRUN\nCOPY\nENV\n"])
def test_hostile_documents_raise_nothing(dialect: str, text: str) -> None:
    stated(dialect, "x", text, ("buildspecs", "parts", "user_data", "called_scripts", "links", "appspecs"))
