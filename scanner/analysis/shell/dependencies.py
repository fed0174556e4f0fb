"""Predicates about packages that commands install and code they clone: pinned or not, from where."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell.answers import command_of, yes
from scanner.analysis.shell.words import known, option, positional, value_of
from scanner.core.subject import Command, Subject
from scanner.core.view import NO, Answer, View

PIP_VALUES = frozenset(
    {
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-e",
        "--editable",
        "-t",
        "--target",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "--prefix",
        "--root",
        "--trusted-host",
        "--cache-dir",
        "--platform",
        "--python-version",
        "--timeout",
        "--retries",
        "--proxy",
        "--src",
        "--upgrade-strategy",
        "--log",
        "--cert",
        "-d",
        "--dest",
    }
)
SYSTEM_VALUES = frozenset(
    {"-c", "-o", "-t", "--target-release", "--enablerepo", "--disablerepo", "-x", "--exclude", "--repository", "-X"}
)
NPM_VALUES = frozenset(
    {"--prefix", "--registry", "--loglevel", "-C", "--workspace", "-w", "--cache", "--userconfig", "--tag", "--access"}
)
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:$|#)|[#@]v?\d+\.\d+(?:\.\d+)?(?:$|[#-])")
_REPOSITORY = re.compile(r"(?:[\w.\[\],-]+ *@ *)?(?:git\+|git:|github:|hg\+|svn\+)")
_LOCAL = re.compile(r"^(?:\.|/|~|file:|\$\{?(?:CODEBUILD_SRC_DIR|PWD|HOME))|\.(?:whl|tgz|tar\.gz|zip|deb|rpm|gem|jar)$")


def _pip(command: Command) -> tuple[str, ...] | None:
    """Return the word texts after `install` of pip in any spelling, or None."""
    texts = [word.text for word in command.words]
    if re.fullmatch(r"pip(?:\d(?:\.\d+)?)?", command.name):
        start = 1
    elif re.fullmatch(r"python(?:\d(?:\.\d+)?)?|py", command.name) and "-m" in texts and (
        texts[texts.index("-m") + 1 :][:1] == ["pip"] and all(text[:1] == "-" for text in texts[1 : texts.index("-m")])
    ):
        start = texts.index("-m") + 2
    elif command.name == "uv" and texts[1:2] == ["pip"]:
        start = 2
    else:
        return None
    return tuple(texts[start:])


def is_pip(command: Command) -> bool:
    """Tell whether the command is pip, in any spelling."""
    return _pip(command) is not None


def unpinned(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for an installation that takes whatever version is newest today."""
    command = command_of(subject)
    if command is None or not command.words:
        return NO
    for judge in (_pip_unpinned, _npm_unpinned, _gem_unpinned, _other_unpinned):
        found = judge(command)
        if found is not None:
            return found
    return NO


def _pip_unpinned(command: Command) -> Answer | None:
    words = _pip(command)
    if words is None:
        return None
    if "install" not in words:
        return NO
    found = positional(command, PIP_VALUES)
    names = found[[word.text for word in found].index("install") + 1 :]
    for word in names:
        if not re.search(r"==|===|~=|@", word.text) and not _LOCAL.search(word.text) and known(word):
            return yes(word.at, f"pip takes the newest {word.text} of the day: pin it with ==, or use -r with hashes")
    return NO


def _npm_unpinned(command: Command) -> Answer | None:
    if command.name in ("npx", "bunx"):
        words = positional(command, frozenset({"-p", "--package", "-c", "--call"}))
        if (
            option(command, "--no-install", "--offline")
            or not words
            or "@" in words[0].text[1:]
            or _LOCAL.search(words[0].text)
        ):
            return NO
        return yes(words[0].at, f"npx takes the newest {words[0].text} when it is not installed: add a version")
    if command.name not in ("npm", "yarn", "pnpm", "bun"):
        return None
    words = positional(command, NPM_VALUES)
    verb = words[0].text if words else ""
    rest = words[1:]
    if command.name == "yarn" and verb == "global":
        verb, rest = (rest[0].text if rest else ""), rest[1:]
    if verb not in ("install", "i", "add"):
        return NO
    if not rest:
        if command.name == "npm" and option(command, "-g", "--global") is None:
            return yes(command.at, "npm install may change the lock file and take newer versions: use npm ci")
        return NO
    for word in rest:
        if (
            not re.search(r"[^@]@[\^~]?[\d$]", word.text)
            and not _LOCAL.search(word.text)
            and "@latest" not in word.text
            and known(word)
        ):
            return yes(word.at, f"{command.name} takes the newest {word.text} of the day: add @version")
    return NO


def _gem_unpinned(command: Command) -> Answer | None:
    if command.name != "gem":
        return None
    words = positional(command, frozenset({"-v", "--version", "-i", "--install-dir", "--source", "-s"}))
    if [word.text for word in words[:1]] != ["install"] or option(command, "-v", "--version") or not words[1:]:
        return NO
    word = words[1]
    if re.search(r":\d", word.text) or _LOCAL.search(word.text):
        return NO
    return yes(word.at, f"gem takes the newest {word.text} of the day: add --version")


def _other_unpinned(command: Command) -> Answer | None:
    words = positional(command, SYSTEM_VALUES)
    texts = [word.text for word in words]
    if command.name == "cargo" and texts[:1] == ["install"]:
        if option(command, "--locked", "--version", "--path"):
            return NO
        return yes(command.at, "cargo install takes newer dependencies than the lock file: add --locked and --version")
    if command.name in ("apt-get", "apt", "yum", "dnf", "apk", "amazon-linux-extras", "brew", "choco") and texts[
        :1
    ] in (["install"], ["add"]):
        for word in words[1:]:
            if known(word) and not re.search(r"[=<>~]|-\d+[.:]", word.text) and not _LOCAL.search(word.text):
                return yes(word.at, f"{command.name} takes the newest {word.text} of the day: add a version")
    return NO


def mutable_reference(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for an installation from a branch of a repository, or of `@latest`."""
    command = command_of(subject)
    if command is None or not command.words:
        return NO
    if _pip(command) is not None or command.name in ("npm", "yarn", "pnpm", "poetry", "uv"):
        for word in command.words[1:]:
            if _REPOSITORY.match(word.text) and not _COMMIT.search(word.text):
                return yes(word.at, "a branch of a repository can change under the same name: name a commit")
    for word in command.words[1:]:
        if command.name in ("npm", "npx", "yarn", "pnpm", "bunx") and re.search(
            r".@(?:latest|next|canary|\*|x)$", word.text
        ):
            return yes(word.at, f"{word.text} is whatever was published last")
        if command.name == "go" and re.search(r"@(?:latest|master|main)$", word.text):
            return yes(word.at, f"{word.text} is whatever was published last")
    return NO


def unpinned_clone(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for `git clone` of a foreign repository without a later checkout of a commit or tag."""
    command = command_of(subject)
    if command is None or command.name != "git":
        return NO
    words = positional(
        command, frozenset({"-b", "--branch", "--depth", "-c", "-C", "--config", "-o", "--origin", "-j", "--jobs"})
    )
    if [word.text for word in words[:1]] != ["clone"] or len(words) < 2:
        return NO
    address = words[1]
    if not re.match(r"(?:https?|git|ssh)://|git@", address.text) or re.search(r"git-codecommit\.", address.text):
        return NO
    joined = next((word for word in command.words if word.text.startswith("-b")), None)
    branch = value_of(command, "-b", "--branch") or joined
    if branch is not None and re.search(r"v?\d+\.\d+|[0-9a-f]{40}|\$", branch.text):
        return NO
    for later in command.script.commands:
        texts = [word.text for word in later.words]
        moves = later.name == "git" and later is not command and {"checkout", "reset", "switch"} & set(texts)
        if moves and re.search(r"\b[0-9a-f]{7,40}\b|v?\d+\.\d+|\$|tags/", " ".join(texts[2:])):
            return NO
    return yes(command.at, "the clone takes whatever the branch holds today: check out a commit or a tag after it")


def extra_index(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a package manager that looks for the same names in a second index."""
    command = command_of(subject)
    if command is None:
        return NO
    for name, word in command.assignments:
        if name.upper() in ("PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL") and word.text:
            return yes(word.at, f"{name} lets a public package of the same name win over a private one")
    pip = _pip(command)
    if pip is not None and pip[:1] == ("config",) and "set" in pip:
        for word in command.words[1:]:
            if "extra-index-url" in word.text:
                return yes(word.at, "extra-index-url lets a public package of the same name win over a private one")
    if pip is None and command.name not in ("poetry", "uv", "twine"):
        return NO
    found = value_of(command, "--extra-index-url")
    if found is None:
        return NO
    return yes(found.at, "--extra-index-url lets a public package of the same name win over a private one")
