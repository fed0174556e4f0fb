"""What must have succeeded before something is deployed: stages, run orders, batches and exit statuses as one graph.

The nodes are what CodePipeline and CodeBuild start and wait for: the actions of a pipeline and the tasks of batch
builds. A node starts when all nodes before it have succeeded, so a check dominates a deployment exactly when it runs in
one of the nodes before it, and its failure fails that node: its exit status counts, its phase does not go on, the
failure of its task is not ignored, its stage cannot be skipped.

Sources: CodePipeline User Guide, "How pipeline executions work" (stages, run order) and "Entry conditions"; CodeBuild
User Guide, "Batch build buildspec reference" (depend-on, ignore-failure) and "Build specification reference"
(on-failure).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from scanner.analysis.pipeline.actions import (
    actions_of,
    buildspecs_of,
    category,
    is_deploy,
    own_commands,
    position,
    starts_batch,
)
from scanner.analysis.pipeline.buildspecs import all_commands, items, task_commands
from scanner.analysis.pipeline.stages import skipping
from scanner.analysis.shell.purposes import deploys, gate, lost_in_pipe, pushes_image, softened
from scanner.analysis.shell.words import sequence
from scanner.core.location import Location
from scanner.core.result import Step
from scanner.core.subject import Command, Subject
from scanner.core.value import Scalar, text_of
from scanner.core.view import NO, Answer, View

MAX_CONDITIONAL = 60
RUNS_COMMANDS = ("Build", "Test", "Compute")


class Check(NamedTuple):
    """A security check, `why` its failure stops nothing (empty: it does), and `at`, the place that says so."""

    command: Command
    why: str
    at: Location


class Node:
    """An action or a batch task: what it runs, and the nodes that must have succeeded before it starts.

    `known` is False when it runs commands that are not in the run. `ignored` is the place that lets its batch go on
    without it, `skipped` the place that lets a pipeline skip its stage; None when nothing does.
    """

    __slots__ = ("action", "before", "checks", "commands", "ignored", "known", "level", "skipped", "stage", "subject")

    def __init__(self, subject: Subject, commands: list[Command], known: bool, stage: int = 0) -> None:
        """Take what is started, the commands it runs in order, and the index of its stage."""
        self.subject = subject
        self.action: Subject | None = None
        self.checks: list[Check] | None = None
        self.level: list[Node] = []
        self.commands = commands
        self.known = known
        self.stage = stage
        self.before: list[Node] = []
        self.ignored: Location | None = None
        self.skipped: Location | None = None


def pipeline_nodes(pipeline: Subject, view: View) -> list[Node]:
    """Return the nodes of a pipeline in the order in which they start; a batch build gives one for each task."""
    skipped = _skipped_stages(pipeline, view)
    made: list[Node] = []
    before: list[Node] = []
    level: list[Node] = []
    place: tuple[int, int] | None = None
    for action in actions_of(pipeline, view):
        if position(action) != place:
            place = position(action)
            before, level = level, []
        for node in _action_nodes(action, view):
            node.action = action
            node.level = before
            node.stage = position(action)[0]
            node.skipped = skipped.get(node.stage)
            level.append(node)
            made.append(node)
    return made


def batch_nodes(buildspec: Subject, view: View) -> list[Node]:
    """Return the nodes of a buildspec's batch: each task waits for those in its `depend-on`."""
    named: dict[str, Node] = {}
    made: list[Node] = []
    for task in view.inventory.linked(buildspec, "part"):
        if task.kind != "BatchTask":
            continue
        found = task_commands(task, view)
        node = Node(task, found or [], found is not None)
        ignored = view.value(task, "ignore-failure")
        if isinstance(ignored, Scalar) and ignored.content is True:
            node.ignored = ignored.at
        made.append(node)
        named.setdefault(text_of(task.get("identifier")) or "", node)
    for node in made:
        for name in items(view.value(node.subject, "depend-on")):
            if (text_of(name) or "") in named:
                node.before.append(named[text_of(name) or ""])
    return made


def _action_nodes(action: Subject, view: View) -> list[Node]:
    """Return the nodes of one action: its batch tasks when it starts a batch, else the action itself."""
    found = buildspecs_of(action, view)
    if starts_batch(action):
        tasks = [node for buildspec in found for node in batch_nodes(buildspec, view)]
        if tasks:
            return tasks
    commands = [command for buildspec in found for command in all_commands(buildspec, view)]
    commands += own_commands(action, view)
    return [Node(action, commands, bool(commands) or category(action) not in RUNS_COMMANDS)]


def _skipped_stages(pipeline: Subject, view: View) -> dict[int, Location]:
    """Return the stages that an entry condition may skip: index -> place of the condition's result."""
    found: dict[int, Location] = {}
    for part in view.inventory.linked(pipeline, "part"):
        if part.kind != "PipelineStage" or not view.exists(part):
            continue
        result = skipping(part, view)
        index = getattr(part.get("StageIndex"), "content", None)
        if result is not None and isinstance(index, int):
            found[index] = result.at
    return found


def ancestors(node: Node) -> list[Node]:
    """Return the nodes that must have succeeded before a node starts, at any distance, nearest first."""
    found: list[Node] = []
    seen = {id(node)}
    waiting = deque([node])
    while waiting:
        here = waiting.popleft()
        for group in (here.before, here.level):
            if id(group) in seen:
                continue
            seen.add(id(group))
            fresh = [other for other in group if id(other) not in seen]
            seen.update(map(id, fresh))
            found.extend(fresh)
            waiting.extend(fresh)
    return found


def checks_in(node: Node) -> list[Check]:
    """Return the security checks that a node runs."""
    if node.checks is None:
        node.checks = [_check(command) for command in node.commands if gate(command)]
    return node.checks


def _check(command: Command) -> Check:
    found = softened(command, sequence(command.script, command)[0])
    if found is not None:
        return Check(command, found.why, command.at)
    if lost_in_pipe(command) and "if-condition" not in command.inside:
        return Check(command, "a pipe loses its exit status", command.at)
    continues = _continuing_phase(command)
    if continues is not None:
        return Check(command, "its phase goes on after a failure", continues)
    if "if-body" in command.inside:
        return Check(command, "it runs under a condition only", command.at)
    return Check(command, "", command.at)


def _continuing_phase(command: Command) -> Location | None:
    """Return the place of `on-failure: CONTINUE` of the phase that the command stands in, or None."""
    holder = command.script.holder
    if holder is None or holder.kind != "Buildspec":
        return None
    value = holder.get("phases").get(command.stage.split(".")[0]).get("on-failure")
    return value.at if (text_of(value) or "").upper() == "CONTINUE" else None


def undominated(node: Node, nodes: list[Node], deployment: Command | None) -> Answer:
    """Answer whether what a node deploys is dominated by no security check, although there is one among `nodes`.

    `deployment` is the command that deploys, None when the node itself does. Does not hold without any check; unknown
    when a node before it runs commands that are not in the run.
    """
    before = ancestors(node)
    found = [(here, check) for here in before for check in _checks_before(here, node)]
    found += [(node, check) for check in _checks_until(node, deployment)]
    if any(not check.why for _, check in found):
        return NO
    failed = found[0] if found else _elsewhere(node, nodes, before, deployment)
    if failed is None:
        return NO
    place = deployment.at if deployment is not None else node.subject.at
    blind = next((here for here in before if not here.known), None)
    if blind is not None:
        return Answer(None, place, f"what {blind.subject.address} runs is not in the run, and may check it")
    where, check = failed
    steps = [Step(f"the check: {gate(check.command)} in {where.subject.address}", check.command.at)]
    if check.at != check.command.at:
        steps.append(Step(check.why, check.at))
    steps.append(Step("the deployment it does not stop", place))
    why = f"{gate(check.command)} in {where.subject.address} does not stop it: {check.why}"
    return Answer(True, place, why, related=(("the check", check.command.at),), path=tuple(steps))


def _checks_before(here: Node, node: Node) -> list[Check]:
    """Return the checks of a node as they count for a later one: what fails there may be ignored or skipped."""
    found = checks_in(here)
    lost, at = "", None
    if here.ignored is not None:
        lost, at = "the batch ignores its failure", here.ignored
    elif here.skipped is not None and here.stage != node.stage:
        lost, at = "a condition can skip its stage", here.skipped
    return found if at is None else [check if check.why else check._replace(why=lost, at=at) for check in found]


def _checks_until(node: Node, deployment: Command | None) -> list[Check]:
    """Return the checks that a node runs before its deploying command."""
    found: list[Check] = []
    for command in node.commands if deployment is not None else ():
        if command is deployment:
            break
        if gate(command):
            found.append(_check(command))
    return found


def _elsewhere(
    node: Node, nodes: list[Node], before: list[Node], deployment: Command | None
) -> tuple[Node, Check] | None:
    """Return a check that nothing makes the deployment wait for: beside it, after it, or later in its own node."""
    earlier = {id(here) for here in before}
    for here in nodes:
        if id(here) in earlier or (here is node and deployment is None):
            continue
        for check in checks_in(here):
            return here, Check(check.command, "nothing waits for it before this deployment", check.command.at)
    return None


class _Borrowed:
    """A view that a cache does not tell apart from another one: what is cached depends on the other arguments only."""

    def __init__(self, view: View) -> None:
        self.view = view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Borrowed)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=4)
def _shared_nodes(pipeline: Subject, actions: tuple[Subject, ...], borrowed: _Borrowed) -> list[Node]:
    """Return the nodes of a pipeline; all its actions ask for them, and without conditions they get the same."""
    return pipeline_nodes(pipeline, borrowed.view)


def action_undominated(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an action of a pipeline that deploys, itself or by a command, past the checks of the pipeline.

    A batch with a check of its own is left to `task_undominated`.
    """
    pipeline = subject.holder
    if pipeline is None or not (is_deploy(subject) or category(subject) in RUNS_COMMANDS):
        return NO
    actions = actions_of(pipeline, view)
    if not pipeline.get("Stages").conditional:
        nodes = _shared_nodes(pipeline, tuple(actions), _Borrowed(view))
    elif len(actions) <= MAX_CONDITIONAL:
        nodes = pipeline_nodes(pipeline, view)
    else:
        return Answer(None, subject.at, "the pipeline has too many actions under conditions")
    mine = [node for node in nodes if node.action is subject]
    unknown = NO
    for node in mine:
        deployment = None if is_deploy(subject) else _deployment(node)
        if deployment is None and not is_deploy(subject):
            continue
        if node.subject.kind == "BatchTask" and any(checks_in(other) for other in mine):
            continue
        answer = undominated(node, nodes, deployment)
        if answer.holds:
            return answer
        unknown = answer if answer.holds is None else unknown
    return unknown


def task_undominated(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a task of a batch that deploys past the checks of the batch."""
    holder = subject.holder
    if holder is None:
        return NO
    nodes = batch_nodes(holder, view)
    node = next((found for found in nodes if found.subject is subject), None)
    deployment = _deployment(node) if node is not None else None
    if node is None or deployment is None:
        return NO
    answer = undominated(node, nodes, deployment)
    return answer._replace(at=subject.at) if answer.holds is not False else NO


def _deployment(node: Node) -> Command | None:
    """Return the first command of a node that deploys or pushes an image."""
    return next((command for command in node.commands if deploys(command) or pushes_image(command)), None)
