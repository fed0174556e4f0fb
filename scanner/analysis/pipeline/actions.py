"""An action of a pipeline: its kind, when it starts, and the commands that it runs."""

from __future__ import annotations

import re
from functools import lru_cache

from scanner.analysis.pipeline.buildspecs import all_commands, task_commands
from scanner.analysis.shell.purposes import gate
from scanner.core.inventory import Inventory
from scanner.core.subject import Command, Script, Subject
from scanner.core.value import Scalar, Value, text_of
from scanner.core.view import View

GATE_NAME = re.compile(
    r"(?i)secur|scan|sast|dast|audit|complian|cfn[-_]?nag|lint|guard|vulnerab|polic(?:y|ies)[-_ ]?check|leftgate"
)


def category(action: Subject | Value) -> str:
    """Return the category of an action: Source, Build, Test, Deploy, Approval, Invoke, Compute."""
    return text_of(action.get("ActionTypeId").get("Category")) or ""


def provider(action: Subject | Value) -> str:
    """Return the provider of an action: CodeBuild, CloudFormation, Manual, ..."""
    return text_of(action.get("ActionTypeId").get("Provider")) or ""


def run_order(action: Subject | Value) -> int:
    """Return the run order of an action; 1 when it is not given."""
    value = action.get("RunOrder")
    text = str(value.content) if isinstance(value, Scalar) else ""
    return int(text) if text.isdigit() else 1


def position(action: Subject) -> tuple[int, int]:
    """Return (stage, run order) of a PipelineAction; smaller runs earlier."""
    value = action.get("StageIndex")
    index = value.content if isinstance(value, Scalar) and isinstance(value.content, int) else 0
    return index, run_order(action)


def actions_of(pipeline: Subject, view: View) -> list[Subject]:
    """Return the PipelineActions of a pipeline that exist in this world, in order."""
    return [action for action in _in_order(pipeline, view.inventory) if view.exists(action)]


@lru_cache(maxsize=8)
def _in_order(pipeline: Subject, inventory: Inventory) -> list[Subject]:
    """Return all actions of a pipeline, sorted; each of its actions asks for them."""
    found = [part for part in inventory.linked(pipeline, "part") if part.kind == "PipelineAction"]
    return sorted(found, key=position)


def siblings(part: Subject, view: View) -> list[Subject]:
    """Return all actions of the pipeline that a stage or action belongs to."""
    return actions_of(part.holder, view) if part.holder is not None else []


def is_deploy(action: Subject) -> bool:
    """Tell whether an action deploys: by category, without making a change set only."""
    if category(action) != "Deploy":
        return False
    mode = text_of(action.get("Configuration").get("ActionMode")) or ""
    return mode != "CHANGE_SET_REPLACE"


def is_approval(action: Subject) -> bool:
    """Tell whether an action waits for a person."""
    return category(action) == "Approval"


def is_gate(action: Subject, view: View) -> bool:
    """Tell whether an action runs a security check: by the commands of its project, else by its name."""
    if category(action) not in ("Test", "Build", "Compute", "Invoke"):
        return False
    commands = commands_of(action, view)
    if commands:
        return any(gate(command) for command in commands)
    name = text_of(action.get("Name")) or ""
    return (
        GATE_NAME.search(name) is not None
        or GATE_NAME.search(text_of(action.get("Configuration").get("ProjectName")) or "") is not None
    )


def buildspecs_of(action: Subject, view: View) -> list[Subject]:
    """Return the buildspecs that an action builds with: its override, else those of the project it starts."""
    holder = action.holder
    if holder is None:
        return []
    stage = text_of(action.get("StageName"))
    override = f"{holder.address}.{stage}.{text_of(action.get('Name'))}.BuildSpec"
    found = [made for made in view.inventory.linked(holder, "buildspec") if made.address == override]
    if found:
        return found
    name = action.get("Configuration").get("ProjectName")
    for project in view.inventory.linked(holder, "project"):
        if text_of(project.get("Name")) == text_of(name) or project in view.targets(holder, name):
            found.extend(view.inventory.linked(project, "buildspec"))
    return found


def starts_batch(action: Subject) -> bool:
    """Tell whether an action starts a batch build instead of a single one."""
    value = action.get("Configuration").get("BatchEnabled")
    return isinstance(value, Scalar) and str(value.content).lower() == "true"


def own_commands(action: Subject, view: View) -> list[Command]:
    """Return the commands that stand in the action itself (category Compute)."""
    holder = action.holder
    place = f"{text_of(action.get('StageName'))}.{text_of(action.get('Name'))}"
    return [
        command
        for script in (view.inventory.linked(holder, "script") if holder is not None else ())
        if isinstance(script, Script) and script.stage == place
        for command in script.commands
    ]


def commands_of(action: Subject, view: View) -> list[Command]:
    """Return all commands that an action runs, those of its batch tasks too; empty when they are not in the run."""
    found: list[Command] = []
    for buildspec in buildspecs_of(action, view):
        tasks = [part for part in view.inventory.linked(buildspec, "part") if part.kind == "BatchTask"]
        if starts_batch(action) and tasks:
            for task in tasks:
                found.extend(task_commands(task, view) or [])
        else:
            found.extend(all_commands(buildspec, view))
    return found + own_commands(action, view)
