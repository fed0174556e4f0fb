"""Predicates about docker and its kin: privileges, daemons, images and secrets in build arguments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from scanner.analysis.shell import tables
from scanner.analysis.shell.answers import buildspec_of, command_of, secret_names, variables_in, yes
from scanner.analysis.shell.purposes import AWS_OPTIONS
from scanner.analysis.shell.words import LOOK_AROUND, arguments, option, positional, sequence
from scanner.core.subject import Command, Script, Subject, Word
from scanner.core.view import NO, Answer, View

HOST_PATHS = re.compile(r"^(?:/|/etc|/root|/home|/proc|/sys|/boot|/usr|/bin|/var|/var/run|/run)/?:")
SOCKETS = re.compile(r"(?:/var)?/run/(?:docker|containerd/containerd|crio/crio|podman/podman)\.sock")
LATEST_DEFAULT = re.compile(r"\$\{\w+:?[-=]latest\}")
OPTION_VARIABLE = re.compile(r"(?i)\$\{?\w*(?:opts?|options?|args?|flags?|params?)\}?")
CAPABILITIES = frozenset(
    {
        "ALL",
        "SYS_ADMIN",
        "SYS_PTRACE",
        "SYS_MODULE",
        "NET_ADMIN",
        "DAC_READ_SEARCH",
        "SYS_RAWIO",
        "BPF",
        "SYS_BOOT",
        "DAC_OVERRIDE",
    }
)


def _verb(command: Command) -> str:
    words = [word.text for word in positional(command, tables.DOCKER_OPTIONS)]
    if words[:1] in (["container"], ["image"], ["buildx"], ["builder"]):
        words = words[1:]
    return words[0] if words else ""


def _options(command: Command, verb: str) -> tuple[list[tuple[str, str, Word]], list[Word]]:
    """Return (option, value, its word) of every option of a docker command, and the words that are no options.

    What follows the image of `run`, `create` and `exec` belongs to the program in the container.
    """
    in_container = verb in ("run", "create", "exec")
    with_value = tables.DOCKER_RUN_OPTIONS if in_container else tables.DOCKER_OPTIONS
    words = arguments(command)
    start = next((index for index, word in enumerate(words) if word.text == verb), -1) + 1
    options: list[tuple[str, str, Word]] = []
    rest: list[Word] = []
    waiting = ""
    for word in words[start:]:
        if waiting:
            options.append((waiting, word.text, word))
            waiting = ""
        elif in_container and rest:
            rest.append(word)
        elif not word.text.startswith("-") or word.text == "-":
            if not (in_container and OPTION_VARIABLE.fullmatch(word.text)):
                rest.append(word)
        else:
            for name, value in _split(word.text, with_value):
                if value is None and name in with_value:
                    waiting = name
                else:
                    options.append((name, value or "", word))
    return options, rest


def _split(text: str, with_value: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """Yield (option, value) of one word: `--pid=host`, `-v/:/host`, `-it`; None for a value that is not in the word."""
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        yield name, value if equals else None
        return
    for index, letter in enumerate(text[1:], 2):
        if f"-{letter}" in with_value and text[index:]:
            yield f"-{letter}", text[index:].removeprefix("=")
            return
        yield f"-{letter}", None


def privileged_run(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a container that is started with the rights or the files of its host."""
    command = command_of(subject)
    if command is None or command.name not in tables.DOCKER:
        return NO
    verb = _verb(command)
    if verb not in ("run", "create", "exec"):
        return NO
    options = _options(command, verb)[0]
    for name, value, word in options:
        if name == "--privileged" and value.lower() not in ("false", "f", "0"):
            return yes(word.at, "--privileged gives the container every right on its host")
    return _host_files(options) or _host_rights(options) or NO


def _host_files(options: list[tuple[str, str, Word]]) -> Answer | None:
    """Return the finding for a container that is given the engine's socket or a system folder of its host."""
    for name, text, word in options:
        if name not in ("-v", "--volume", "--mount"):
            continue
        source = text
        if name == "--mount":
            found = re.search(r"(?:^|,)(?:source|src)=([^,]+)", text)
            source = f"{found.group(1)}:" if found else ""
        if SOCKETS.search(text):
            return yes(word.at, "the container engine's socket gives the container every right on its host")
        if HOST_PATHS.match(source):
            return yes(word.at, f"`{source.split(':')[0]}` of the host is given to the container")
    return None


def _host_rights(options: list[tuple[str, str, Word]]) -> Answer | None:
    """Return the finding for a container that shares a namespace, gets a capability or loses a protection."""
    for name, value, word in options:
        if name in ("--pid", "--network", "--net", "--ipc", "--uts", "--userns") and value == "host":
            return yes(word.at, "the container shares a namespace with its host")
        if name == "--cap-add":
            given = (part.strip().upper().removeprefix("CAP_") for part in value.split(","))
            if found := next((part for part in given if part in CAPABILITIES), ""):
                return yes(word.at, f"the capability {found} is a known way out of a container")
        if name == "--security-opt" and "unconfined" in value:
            return yes(word.at, f"{word.text} switches a protection of the host off")
    return None


def daemon_on_tcp(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a container daemon that listens on the network without TLS verification."""
    command = command_of(subject)
    if command is None or command.name not in ("dockerd", "docker", "docker-init", "dockerd-entrypoint.sh", "podman"):
        return NO
    if command.name == "docker" and _verb(command) != "daemon":
        return NO
    checked = option(command, "--tlsverify")
    if checked is not None and not checked.text.endswith(("=false", "=0")):
        return NO
    for word in arguments(command):
        match = re.search(r"tcp://([^:/\s]*)", word.text)
        if match and match.group(1) not in ("localhost", "[::1]") and not match.group(1).startswith("127."):
            return yes(word.at, "anyone who reaches the port runs containers as root")
    return NO


def secret_build_argument(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for an image build that takes a secret as build argument."""
    command = command_of(subject)
    if command is None:
        return NO
    verb = next((word.text for word in arguments(command) if word.text in ("build", "bud")), "")
    if command.name != "executor" and not (verb and command.name in (*tables.DOCKER, "docker-compose")):
        return NO
    secrets = secret_names(command.script)
    for option_name, text, word in _options(command, verb)[0]:
        if option_name != "--build-arg":
            continue
        name = text.split("=", 1)[0]
        used = [variable for variable in variables_in(word) if variable in secrets or tables.secret_shaped(variable)]
        if used or (tables.secret_shaped(name) and ("=" not in text or variables_in(word) or text.split("=", 1)[1])):
            return yes(word.at, f"{used[0] if used else name} stays readable in the image's history")
    return NO


def image_reference(text: str) -> tuple[str, str, str]:
    """Return (name, tag, digest) of an image reference; a port in the registry is no tag."""
    name, _, digest = text.partition("@")
    head, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        return head, tag, digest
    return name, "", digest


def mutable_image(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that names an image by `latest` or without a tag; `verbs` chooses the docker commands.

    Where a variable carries the tag, the assignment that makes it `latest` is the place.
    """
    command = command_of(subject)
    verbs = arguments_.get("verbs")
    if command is None or not isinstance(verbs, (list, tuple)):
        return NO
    if command.assignments and not command.words:
        return _tag_variable(command, verbs, view)
    verb = _verb(command) if command.name in tables.DOCKER else ""
    word = _image_word(command, verb) if verb in verbs else None
    if word is None:
        return NO
    name, tag, digest = image_reference(word.text)
    if digest or not name:
        return NO
    if verb in ("run", "create") and _is_plain(word) and _built_before(command, name, view):
        return NO
    if tag == "latest" or _falls_back(word):
        return yes(word.at, f"`{word.text}`: latest is another image tomorrow")
    return _untagged(command, verb, word, view) if not tag else NO


def _untagged(command: Command, verb: str, word: Word, view: View) -> Answer:
    """Return the finding for an image without a tag; a variable at its end counts once it is used as a bare name."""
    why = f"`{word.text}` has no tag, which means latest"
    if verb in ("run", "pull", "create") and _is_plain(word) and not _built_before(command, word.text, view):
        return yes(word.at, why)
    if verb == "push" and not option(command, "-a", "--all-tags"):
        name = _bare(word.text)
        if _is_plain(word) or any(
            _bare(other.text).startswith(name + ":") for near in _nearby(command, view) for other in near.words
        ):
            return yes(word.at, why)
    return NO


def _tag_variable(command: Command, verbs: Collection[object], view: View) -> Answer:
    """Hold for an assignment of `latest`, also as a default, to the variable that is the tag of an image nearby."""
    for name, value in command.assignments:
        if value.text != "latest" and not LATEST_DEFAULT.fullmatch(value.text):
            continue
        near = _nearby(command, view)
        again = any(name == other for found in near for other, _ in found.assignments)
        if again and value.text == "latest":
            continue
        if any(_tagged_by(found, name, verbs) for found in near):
            what = "is `latest`" if value.text == "latest" else "may be `latest`"
            return yes(value.at, f"the tag {name} {what}, which is another image tomorrow")
    return NO


def _tagged_by(command: Command, name: str, verbs: Collection[object]) -> bool:
    """Tell whether the command is one of the docker commands and the variable is the tag of its image."""
    verb = _verb(command) if command.name in tables.DOCKER else ""
    word = _image_word(command, verb) if verb in verbs else None
    return word is not None and _bare(word.text).endswith(f":${name}")


def _falls_back(word: Word) -> bool:
    """Tell whether the tag of an image is a variable that is `latest` unless it is set."""
    match = LATEST_DEFAULT.search(word.text)
    return match is not None and match.end() == len(word.text) and word.text[: match.start()].endswith(":")


def _bare(text: str) -> str:
    """Return the text with `${NAME}` written as `$NAME`."""
    return re.sub(r"\$\{(\w+)\}", r"$\1", text)


def _nearby(command: Command, view: View) -> list[Command]:
    """Return the other commands of the script and of the other phases of its buildspec, as far as one looks around."""
    before, after = sequence(command.script, command)
    holder = command.script.holder
    others = view.inventory.linked(holder, "script") if holder is not None else ()
    return [
        *before,
        *after,
        *(found for other in others if other is not command.script and isinstance(other, Script)
          for found in other.commands[:LOOK_AROUND]),
    ]


def _built_before(command: Command, name: str, view: View) -> bool:
    """Tell whether an earlier command of the script, or of an earlier phase of its buildspec, makes the image."""
    before = sequence(command.script, command)[0]
    holder = buildspec_of(command)
    for script in view.inventory.linked(holder, "script") if holder is not None else ():
        if isinstance(script, Script) and _phase(script) < _phase(command.script):
            before.extend(script.commands[:LOOK_AROUND])
    for earlier in before:
        makes = earlier.name in tables.DOCKER and _verb(earlier) in ("build", "tag", "import", "load")
        if makes and any(image_reference(word.text)[0] == name for word in earlier.words):
            return True
    return False


def _phase(script: Script) -> int:
    """Return which phase of a build runs the script, in order; 0 when it is none."""
    name = script.stage.partition(".")[0]
    return tables.PHASES.index(name) + 1 if name in tables.PHASES else 0


def _is_plain(word: Word) -> bool:
    """Tell whether the end of the word is certain: a variable there may carry the tag."""
    return not word.parts or word.parts[-1].kind == "literal"


def _image_word(command: Command, verb: str) -> Word | None:
    if verb == "build":
        tags = [word for name, _, word in _options(command, verb)[0] if name in ("-t", "--tag")]
        return next((word for word in tags if word.text.endswith(":latest")), tags[0] if tags else None)
    rest = _options(command, verb)[1]
    if verb == "tag":
        return rest[1] if len(rest) > 1 else None
    return rest[0] if rest else None


def deprecated_registry_login(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for `aws ecr get-login`, which prints a password onto a command line."""
    command = command_of(subject)
    if command is None or command.name != "aws":
        return NO
    words = [word.text for word in positional(command, AWS_OPTIONS | {"--registry-ids"})]
    if words[:2] == ["ecr", "get-login"]:
        return yes(command.at, "it prints a docker login with the password as an argument, for process lists and logs")
    return NO
