"""Subjects: what dialects state and rules judge.

Every subject has a `kind` (a CloudFormation type name such as `AWS::S3::Bucket`, or a word such as
`Exposure`), an `address` that is unique in its `scope` (the template, Terraform module instance or file
it belongs to), a location, and fields that a rule reads by name through `get`.
"""

from __future__ import annotations

from typing import NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Value
from scanner.core.world import Guard


class PeerSuppression(NamedTuple):
    """Another tool's mark that one of its rules shall not count for a subject.

    `family` is the control family of `Rule.controls` (checkov, guard, cfn-nag, cdk-nag, tfsec, trivy); `identifier`
    that tool's rule id, or `*` for all of its rules; `at` the place of the mark. Dialects collect them on
    `Subject.peer_suppressions`; `evaluate` turns those that meet a rule's controls into suppressions of kind `peer`.
    """

    family: str
    identifier: str
    reason: str
    at: Location


class Subject:
    """What all subjects share.

    `when` are the conditions under which it exists; `holder` is the subject it was found in or derived
    from (an Exposure's security group, a Command's Script); `related` are further places worth showing
    (the resource header, the module call), each with a short label; `environment` names the parameter
    set of a run with several; `dialect` is for reports and suppressions only, rules never read it.
    `existence` adds to `when` what is no plain conjunction ("A or B"): a value that projects to true in the worlds
    in which the subject exists; it holds for all that the subject is `holder` of. `peer_suppressions` are
    other tools' marks at the subject.
    """

    fields: tuple[str, ...] = ()
    __slots__ = (
        "address", "at", "dialect", "environment", "existence", "holder", "kind", "peer_suppressions", "related",
        "scope", "when",
    )

    def __init__(
        self,
        kind: str,
        address: str,
        at: Location,
        scope: str = "",
        *,
        holder: Subject | None = None,
        when: Guard = (),
        related: tuple[tuple[str, Location], ...] = (),
        dialect: str = "",
        environment: str = "",
    ) -> None:
        """Take what identifies the subject; `at` is its header, the smallest span that names it."""
        self.kind = kind
        self.address = address
        self.at = at
        self.scope = scope
        self.holder = holder
        self.when = when
        self.related = related
        self.dialect = dialect
        self.environment = environment
        self.existence: Value | None = None
        self.peer_suppressions: tuple[PeerSuppression, ...] = ()

    def get(self, name: str) -> Value:
        """Return the field `name` as a value; a field that is None or unknown to the kind is Absent."""
        if name not in self.fields:
            return Absent(self.at)
        return as_value(getattr(self, name), self.at)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.address} {self.at.path}:{self.at.start_line}>"


def as_value(content: object, at: Location) -> Value:
    """Wrap a plain field (text, number, boolean, tuple of them, None) as a value at `at`."""
    if isinstance(content, (str, int, float, bool)):
        return Scalar(content, at)
    if isinstance(content, Value):
        return content
    if isinstance(content, (tuple, list)):
        return ListValue(tuple(as_value(item, at) for item in content), at)
    return Absent(at)


class Resource(Subject):
    """A resource in CloudFormation shape, whatever language stated it.

    `properties` are in CloudFormation names and nesting; `attributes` holds what stands beside them
    (DeletionPolicy, UpdateReplacePolicy, Metadata, CreationPolicy, lifecycle). `folded` are (address, span) of
    declarations elsewhere that state parts of it. `several` tells that it stands for instances whose number nobody
    knows. Documents that are not deployed resources use the same class with a word as kind: `Buildspec`, `AppSpec`,
    `Dockerfile`.
    """

    __slots__ = ("attributes", "folded", "properties", "several")

    def __init__(
        self,
        kind: str,
        address: str,
        at: Location,
        properties: MapValue,
        scope: str = "",
        *,
        attributes: MapValue | None = None,
        holder: Subject | None = None,
        when: Guard = (),
        related: tuple[tuple[str, Location], ...] = (),
        dialect: str = "",
        environment: str = "",
    ) -> None:
        """Take the canonical type, the properties and the header's place."""
        super().__init__(
            kind, address, at, scope,
            holder=holder, when=when, related=related, dialect=dialect, environment=environment,
        )
        self.properties = properties
        self.attributes = attributes or MapValue({}, at)
        self.folded: tuple[tuple[str, Location], ...] = ()
        self.several = False

    def declared_at(self, at: Location) -> str:
        """Return the address of the declaration that a place belongs to: one folded into this resource, or its own."""
        for address, span in self.folded:
            if span.path == at.path and span.start_line <= at.start_line <= span.end_line:
                return address
        return self.address

    def get(self, name: str) -> Value:
        """Return the property `name`; `@DeletionPolicy` reads an attribute instead."""
        if name.startswith("@"):
            return self.attributes.get(name[1:])
        return self.properties.get(name)


class Policy(Subject):
    """A whole IAM policy document with its statements in order.

    `role`: identity, resource, trust, boundary, scp, or empty when unknown. `holder` is the resource
    the document is attached to, `document` the mapping it was read from.
    """

    __slots__ = ("document", "role", "statements", "version")
    fields = ("document", "holder_kind", "role", "version")

    def __init__(
        self, address: str, at: Location, document: Value, role: str, scope: str = "", **about: object
    ) -> None:
        """Take the document value and its role; the caller fills `statements`."""
        super().__init__("Policy", address, at, scope, **about)  # type: ignore[arg-type]  # keywords of Subject
        self.document = document
        self.role = role
        self.version: Value = document.get("Version")
        self.statements: tuple[Statement, ...] = ()

    @property
    def holder_kind(self) -> str:
        """Return the kind of the resource or call that carries the document."""
        return self.holder.kind if self.holder is not None else ""


class Statement(Subject):
    """One statement of a policy. Single values are already lists; element case is as IAM spells it.

    `memo` holds what `scanner.analysis.iam` has read out of a statement that depends on no condition.
    """

    __slots__ = (
        "action", "condition", "effect", "element", "index", "memo", "not_action", "not_principal",
        "not_resource", "policy", "principal", "resource", "role", "sid",
    )
    fields = (
        "action", "condition", "effect", "element", "holder_kind", "index", "not_action", "not_principal",
        "not_resource", "principal", "resource", "role", "sid",
    )

    def __init__(self, policy: Policy, index: int, element: Value, **about: object) -> None:
        """Take the policy, the 0-based position in it, and the statement's mapping."""
        super().__init__(
            "Statement", policy.address, element.at, policy.scope, **about  # type: ignore[arg-type]
        )
        self.policy = policy
        self.memo: object = None
        self.role = policy.role
        self.index = index
        self.element = element
        self.sid = element.get("Sid")
        self.effect = element.get("Effect")
        self.action = as_list(element.get("Action"))
        self.not_action = as_list(element.get("NotAction"))
        self.resource = as_list(element.get("Resource"))
        self.not_resource = as_list(element.get("NotResource"))
        self.principal = element.get("Principal")
        self.not_principal = element.get("NotPrincipal")
        self.condition = element.get("Condition")

    @property
    def holder_kind(self) -> str:
        """Return the kind of the resource or call that carries the policy."""
        return self.holder.kind if self.holder is not None else ""


class ActionGrant(Subject):
    """One entry of the Action of an allowing statement, so that each entry that is too wide is a finding of its own.

    `action` is the entry as written; `statement` the statement it stands in.
    """

    __slots__ = ("action", "role", "statement")
    fields = ("action", "holder_kind", "role")

    def __init__(self, statement: Statement, action: Value, at: Location, **about: object) -> None:
        """Take the statement and the entry."""
        super().__init__("ActionGrant", statement.address, at, statement.scope, **about)  # type: ignore[arg-type]
        self.statement = statement
        self.action = action
        self.role = statement.role

    @property
    def holder_kind(self) -> str:
        """Return the kind of the resource or call that carries the policy."""
        return self.holder.kind if self.holder is not None else ""


class Attachment(Subject):
    """A managed policy that somebody holds: by its ARN, or by a reference to a policy of the run.

    `policy` is the ARN (or what stands for it), `name` its last part when that is known, `holder_kind` role, user,
    group, permission-set or boundary.
    """

    __slots__ = ("holder_kind", "name", "policy")
    fields = ("holder_kind", "name", "policy")

    def __init__(
        self, address: str, at: Location, policy: Value, name: str, holder_kind: str, scope: str = "", **about: object
    ) -> None:
        """Take the attachment; `at` is the span of the ARN."""
        super().__init__("Attachment", address, at, scope, **about)  # type: ignore[arg-type]
        self.policy = policy
        self.name = name
        self.holder_kind = holder_kind


def as_list(value: Value) -> Value:
    """Return a scalar or mapping as a list of one; lists, absent and unknown values stay."""
    if isinstance(value, (Scalar, MapValue)):
        return ListValue((value,), value.at)
    return value


class Exposure(Subject):
    """Traffic that something lets through.

    `reach` says what lets it through: security-group, network-acl, listener, database, task-port,
    host-port, image-port, daemon, command, sdk-call. `protocol` is a lower-case name or number ("tcp",
    "udp", "icmp", "-1" for all); ports are inclusive, Absent or -1 mean all. `source` is one CIDR, an
    unknown, or a reference (security group, prefix list), as `source_kind` tells: cidr, security-group,
    prefix-list, service (a managed list of a cloud service), unstated. `direction` is ingress or egress; `action`
    allow or deny, or a value that is not known.
    """

    __slots__ = ("action", "direction", "from_port", "protocol", "reach", "source", "source_kind", "to_port")
    fields = ("action", "direction", "from_port", "protocol", "reach", "source", "source_kind", "to_port")

    def __init__(
        self, address: str, at: Location, *, reach: str, protocol: Value, from_port: Value, to_port: Value,
        source: Value, direction: str = "ingress", action: str | Value = "allow", scope: str = "",
        source_kind: str = "cidr", **about: object,
    ) -> None:
        """Take the traffic; `at` is the span to edit, usually the source's."""
        super().__init__("Exposure", address, at, scope, **about)  # type: ignore[arg-type]
        self.reach = reach
        self.protocol = protocol
        self.from_port = from_port
        self.to_port = to_port
        self.source = source
        self.source_kind = source_kind
        self.direction = direction
        self.action = action


class WordPart:
    """A piece of a shell word: kind literal, variable, substitution, arithmetic, glob, block or template.

    A block is a script block of PowerShell (`{ ... }` as an argument): its commands stand on their own.

    A template is text that something else fills in before the shell reads it (`${{ expr }}` of a workflow,
    `#{namespace.variable}` of a pipeline, an unknown part of a template's string): quoting cannot help there.
    """

    __slots__ = ("kind", "quoted", "source", "text")

    def __init__(self, kind: str, text: str, quoted: bool, source: str = "") -> None:
        """Take the piece: literal text, a variable's bare name, or a substitution's source; `source` as written."""
        self.kind = kind
        self.text = text
        self.quoted = quoted
        self.source = source


class Word:
    """A shell word: `text` has quotes removed and expansions left as written (`$NAME`, `$(...)`)."""

    __slots__ = ("at", "parts", "text")

    def __init__(self, text: str, parts: tuple[WordPart, ...], at: Location) -> None:
        """Take the rendered text, the pieces in order, and the place."""
        self.text = text
        self.parts = parts
        self.at = at

    @property
    def literal(self) -> bool:
        """Tell whether the shell expands nothing in the word."""
        return all(part.kind == "literal" for part in self.parts)

    def __repr__(self) -> str:
        return f"Word({self.text!r})"


class Script(Subject):
    """Commands that run in one shell, in order: a buildspec phase, a hook script, a RUN, user data.

    `stage` names the place (`build`, `post_build.finally`, `AfterInstall`, `RUN`), `shell` the
    interpreter, `user` who runs it (empty: the default of the place).
    """

    __slots__ = ("commands", "shell", "stage", "text", "user")
    fields = ("shell", "stage", "user")

    def __init__(
        self, address: str, at: Location, stage: str, shell: str, scope: str = "", *, user: str = "", **about: object
    ) -> None:
        """Take the place; the shell model fills `commands`."""
        super().__init__("Script", address, at, scope, **about)  # type: ignore[arg-type]
        self.stage = stage
        self.shell = shell
        self.user = user
        self.text: Scalar | None = None
        self.commands: tuple[Command, ...] = ()


class Command(Subject):
    """One simple command of a script.

    `name` is the base name of a literal first word, else empty; `words` holds all words including the
    first; `assignments` the leading NAME=word pairs; `redirects` (operator, target) pairs. `upstream`
    and `downstream` are pipeline neighbours. `connector` is what follows the pipeline it stands in:
    "", ";", "&&", "||", "&". `inside` names enclosing constructs, outermost first (if-condition, if-body,
    loop, subshell, substitution, function:NAME, negation). `options` are shell options in force there
    (errexit, pipefail, xtrace, nounset). `wrappers` are commands it runs under (sudo, env, time ...), already
    removed from `words`. `outer` is the command in whose words this one stands (a substitution, or the string of
    `sh -c`: then `inside` ends with shell-string, or expanded-shell-string when the outer shell expands it first);
    `rescue` is the first command that runs when this one fails, because of a `||` after it or a `catch` around it.

    In PowerShell and cmd text a plain value (`$true`, a condition) is a command without words with one assignment
    whose name is empty; `inside` also knows try, catch, finally and script-block, and `errexit` is in force where a
    failure of this very command ends the script.
    """

    __slots__ = (
        "assignments", "connector", "downstream", "inside", "name", "options", "outer", "redirects", "rescue", "script",
        "upstream", "words", "wrappers",
    )
    fields = ("connector", "inside", "name", "options", "stage", "wrappers")

    def __init__(self, script: Script, name: str, words: tuple[Word, ...], at: Location, **about: object) -> None:
        """Take the words; the shell model fills in the rest."""
        super().__init__("Command", script.address, at, script.scope, **about)  # type: ignore[arg-type]
        self.script = script
        self.name = name
        self.words = words
        self.assignments: tuple[tuple[str, Word], ...] = ()
        self.redirects: tuple[tuple[str, Word], ...] = ()
        self.upstream: Command | None = None
        self.downstream: Command | None = None
        self.connector = ""
        self.inside: tuple[str, ...] = ()
        self.options: frozenset[str] = frozenset()
        self.wrappers: tuple[str, ...] = ()
        self.outer: Command | None = None
        self.rescue: Command | None = None

    @property
    def stage(self) -> str:
        """Return the stage of the script the command runs in."""
        return self.script.stage


class ApiCall(Subject):
    """A call of an AWS API, from the CLI or an SDK, in the API's own words.

    `service` is the CLI's service name (ec2, iam, s3api), `operation` CamelCase
    (AuthorizeSecurityGroupIngress); `parameters` are in the API's shape as far as they are known.
    """

    __slots__ = ("operation", "parameters", "service", "via")
    fields = ("operation", "parameters", "service", "via")

    def __init__(
        self, address: str, at: Location, service: str, operation: str, parameters: MapValue, via: str,
        scope: str = "", **about: object,
    ) -> None:
        """Take the call; `via` is cli or sdk."""
        super().__init__("ApiCall", address, at, scope, **about)  # type: ignore[arg-type]
        self.service = service
        self.operation = operation
        self.parameters = parameters
        self.via = via


class Variable(Subject):
    """An environment variable that an artifact sets.

    `source` is plaintext, parameter-store, secrets-manager or unknown; `carrier` says where it is set:
    buildspec, build-project, pipeline-action, task-definition, function, image, image-argument, workflow,
    env-file, shell.
    """

    __slots__ = ("carrier", "name", "source", "value")
    fields = ("carrier", "name", "source", "value")

    def __init__(
        self, address: str, at: Location, name: str, value: Value, source: str, carrier: str,
        scope: str = "", **about: object,
    ) -> None:
        """Take the variable; `at` is the span of its value."""
        super().__init__("Variable", address, at, scope, **about)  # type: ignore[arg-type]
        self.name = name
        self.value = value
        self.source = source
        self.carrier = carrier


class Image(Subject):
    """A container image that something builds on, pulls or runs.

    `use` is build-environment, base, pull, run, container or build-output; the parts are plain text, empty when not
    stated; `text` is the reference as written, unknown when it is computed.
    """

    __slots__ = ("digest", "registry", "repository", "tag", "text", "use")
    fields = ("digest", "registry", "repository", "tag", "text", "use")

    def __init__(
        self, address: str, at: Location, text: Value, use: str, registry: str = "", repository: str = "",
        tag: str = "", digest: str = "", scope: str = "", **about: object,
    ) -> None:
        """Take the reference and its parts."""
        super().__init__("Image", address, at, scope, **about)  # type: ignore[arg-type]
        self.text = text
        self.use = use
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest


class FileGrant(Subject):
    """A file that a deployment puts somewhere, or the rights it gives: AppSpec files and permissions, chmod, COPY.

    `grant` is "copy" or "permission". `mode` is the text as written (`0755`, `755`, `u+x`); `octal_trap` is True when
    a YAML reader takes the mode for another number than the one meant. `types` says what a permission is for
    (file, directory), `acls` and `context` are as AppSpec spells them.
    """

    __slots__ = (
        "acls", "context", "destination", "grant", "group", "mode", "octal_trap", "owner", "pattern", "source", "types",
    )
    fields = (
        "acls", "context", "destination", "grant", "group", "mode", "octal_trap", "owner", "pattern", "source", "types",
    )

    def __init__(
        self, address: str, at: Location, destination: Value, *, source: Value | None = None,
        mode: Value | None = None, owner: Value | None = None, group: Value | None = None,
        scope: str = "", grant: str = "copy", octal_trap: bool = False, pattern: Value | None = None,
        acls: Value | None = None, context: Value | None = None, types: Value | None = None, **about: object,
    ) -> None:
        """Take what is known; values left out are Absent."""
        self.grant = grant
        self.octal_trap = octal_trap
        self.pattern = pattern or Absent(at)
        self.acls = acls or Absent(at)
        self.context = context or Absent(at)
        self.types = types or Absent(at)
        super().__init__("FileGrant", address, at, scope, **about)  # type: ignore[arg-type]
        self.destination = destination
        self.source = source or Absent(at)
        self.mode = mode or Absent(at)
        self.owner = owner or Absent(at)
        self.group = group or Absent(at)


class FormatFault(Subject):
    """A place where a document breaks its format: an unknown key, a wrong type, a part in the wrong place.

    `document` names the format (buildspec, appspec, codepipeline), `problem` says in a sentence what is wrong and what
    is expected, `fault` is a short kebab-case name (unknown-key, wrong-type, misplaced, missing, bad-value).
    """

    __slots__ = ("document", "fault", "problem")
    fields = ("document", "fault", "problem")

    def __init__(
        self, address: str, at: Location, document: str, fault: str, problem: str, scope: str = "", **about: object
    ) -> None:
        """Take the format and what is wrong."""
        super().__init__("FormatFault", address, at, scope, **about)  # type: ignore[arg-type]
        self.document = document
        self.fault = fault
        self.problem = problem


class Code(Subject):
    """A module of program text: `tree` is the language's own syntax tree, made when somebody asks for it.

    None when the text does not parse.
    """

    __slots__ = ("_tree", "artifact", "language")
    fields = ("language",)

    def __init__(self, artifact: Artifact, language: str, tree: object) -> None:
        """Take the artifact and its tree (`ast.Module` for Python), or a function that makes the tree."""
        super().__init__("Code", artifact.path, Location(artifact.path, 1, 1, 1, 1), artifact.path)
        self.artifact = artifact
        self.language = language
        self._tree = tree

    @property
    def tree(self) -> object:
        """Return the syntax tree, None when there is none."""
        if callable(self._tree):
            self._tree = self._tree()
        return self._tree


class Text(Subject):
    """Every text artifact, for scanners that read bytes."""

    __slots__ = ("artifact",)

    def __init__(self, artifact: Artifact) -> None:
        """Take the artifact."""
        super().__init__("Text", artifact.path, Location(artifact.path, 1, 1, 1, 1), artifact.path)
        self.artifact = artifact
