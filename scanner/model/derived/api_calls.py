"""API calls from commands of the AWS CLI: service, operation and parameters in the API's own words.

Calls from program text are stated by the dialects of programming languages; see `scanner.model.python_code`.
"""

from __future__ import annotations

from scanner.core.subject import ApiCall, Command, Word
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.model.derived.api_names import operation_name, parameter_name
from scanner.model.derived.cli_values import option_value
from scanner.model.workspace import Workspace

_GLOBAL_WITH_VALUE = frozenset((
    "--profile", "--region", "--output", "--query", "--endpoint-url", "--color", "--ca-bundle", "--cli-read-timeout",
    "--cli-connect-timeout", "--cli-binary-format",
))
_GLOBAL_FLAGS = frozenset((
    "--debug", "--no-verify-ssl", "--no-paginate", "--no-sign-request", "--no-cli-pager", "--cli-auto-prompt",
    "--no-cli-auto-prompt", "--version",
))
_INPUT_FILES = ("CliInputJson", "cliInputJson", "CliInputYaml", "cliInputYaml")
_S3_FLAGS = frozenset((
    "recursive", "dryrun", "quiet", "delete", "exact-timestamps", "size-only", "follow-symlinks", "only-show-errors",
    "force", "human-readable", "summarize", "force-glacier-transfer", "ignore-glacier-warnings",
    "validate-same-s3-paths",
))
_S3_CIPHERS = ("AES256", "aws:kms", "aws:kms:dsse")
"""What `--sse` and `--sse-c` of `aws s3` may be followed by; another word after them is a path."""
MAX_CALLS = 20_000


def derive(workspace: Workspace) -> None:
    """Add an ApiCall for every `aws SERVICE OPERATION` command."""
    count = 0
    for subject in list(workspace.inventory.of_kind("Command")):
        if isinstance(subject, Command) and subject.name in ("aws", "aws2", "aws.exe"):
            call = _call_of(subject, workspace)
            if call is not None:
                workspace.inventory.add(call)
                count += 1
        if count >= MAX_CALLS:
            workspace.note("warning", "too-many-calls", f"more than {MAX_CALLS} API calls: the rest is left out")
            return


def _call_of(command: Command, workspace: Workspace) -> ApiCall | None:
    words = _without_globals(command.words[1:])
    if len(words) < 2 or words[0].text.startswith("-") or words[1].text.startswith("-"):
        return None
    if not words[0].literal or not words[1].literal:
        return None
    service, typed = words[0].text, words[1].text
    parameters = _parameters(command, service, words[2:], workspace)
    operation = operation_name(service, typed)
    if service == "ec2" and operation.startswith(("AuthorizeSecurityGroup", "RevokeSecurityGroup")):
        parameters = _with_ports(parameters)
    call = ApiCall(
        command.address, command.at, service, operation, parameters, "cli", command.scope, holder=command,
        when=command.when, related=command.related, dialect=command.dialect, environment=command.environment,
    )
    call.existence = command.existence
    return call


def _without_globals(words: tuple[Word, ...]) -> list[Word]:
    kept: list[Word] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.text in _GLOBAL_WITH_VALUE:
            skip = True
        elif word.text not in _GLOBAL_FLAGS and not word.text.startswith(tuple(f"{o}=" for o in _GLOBAL_WITH_VALUE)):
            kept.append(word)
    return kept


def _parameters(command: Command, service: str, words: list[Word], workspace: Workspace) -> MapValue:
    """Return the parameters that the options state; positional words of high-level commands are under `Words`."""
    entries: dict[str, Value] = {}
    rest: Unknown | None = None
    positional: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.text.startswith("--"):
            positional.append(word)
            if not word.literal and word.text.startswith("$"):
                rest = Unknown(f"{word.text} may hold further options", word.at)
            continue
        flag, equals, _ = word.text[2:].partition("=")
        values: list[Word] = [_after_equals(word)] if equals else []
        most = 0 if equals else _most_values(service, flag, words[index:])
        while len(values) < most and index < len(words) and not words[index].text.startswith("--"):
            values.append(words[index])
            index += 1
        _state(entries, service, flag, word, tuple(values), command, workspace)
    if positional:
        entries["Words"] = ListValue(tuple(Scalar(word.text, word.at) for word in positional), command.at)
    document = next(filter(None, [entries.pop(name, None) for name in _INPUT_FILES]), None)
    if isinstance(document, MapValue):
        entries = {**document.entries, **entries}
    elif isinstance(document, Unknown):
        rest = document
    return MapValue(entries, command.at, rest=rest)


def _most_values(service: str, flag: str, after: list[Word]) -> int:
    """Return how many words an option takes: in `aws s3`, paths may follow the options, elsewhere only options do."""
    if service != "s3" or flag == "grants":
        return len(after)
    if flag in _S3_FLAGS or flag.startswith("no-"):
        return 0
    return 0 if flag in ("sse", "sse-c") and after and after[0].text not in _S3_CIPHERS else 1


def _state(
    entries: dict[str, Value], service: str, flag: str, word: Word, values: tuple[Word, ...], command: Command,
    workspace: Workspace,
) -> None:
    if not values:
        negated = flag.startswith("no-")
        name = parameter_name(service, flag.removeprefix("no-") if negated else flag)
        entries[name] = Scalar(not negated, word.at)
        return
    entries[parameter_name(service, flag)] = option_value(values, command.at.path, workspace)


def _after_equals(word: Word) -> Word:
    """Return the value's word of `--name=value`."""
    from scanner.core.subject import WordPart

    cut = word.text.index("=") + 1
    parts, left = [], cut
    for part in word.parts:
        if left >= len(part.text) and part.kind == "literal":
            left -= len(part.text)
            continue
        text = part.text[left:] if part.kind == "literal" else part.text
        left = 0
        parts.append(WordPart(part.kind, text, part.quoted, part.source))
    return Word(word.text[cut:], tuple(parts), word.at._replace(start_column=word.at.start_column + cut)
                if word.at.start_line == word.at.end_line else word.at)


def _with_ports(parameters: MapValue) -> MapValue:
    """Return parameters with `--port 22`, `--port 20-25` or `--port all` as FromPort and ToPort."""
    port = parameters.get("Port")
    if isinstance(port, Absent):
        return parameters
    entries = dict(parameters.entries)
    text = text_of(port)
    if text is None:
        entries.setdefault("FromPort", port)
        entries.setdefault("ToPort", port)
    elif text not in ("all", "-1"):
        first, dash, last = text.partition("-")
        entries.setdefault("FromPort", Scalar(first, port.at))
        entries.setdefault("ToPort", Scalar(last if dash else first, port.at))
    return MapValue(entries, parameters.at, parameters.keys_at, parameters.rest)
