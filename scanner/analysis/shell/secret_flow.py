"""Predicates about secrets in commands: printed, traced, on the command line, written to keys, sent away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell import tables
from scanner.analysis.shell.answers import command_of, secret_names, variables_in, yes
from scanner.analysis.shell.words import arguments, option, positional
from scanner.core.subject import Command, Subject, Word
from scanner.core.view import NO, Answer, View

CREDENTIAL_PLACES = re.compile(
    r"169\.254\.170\.2|169\.254\.169\.254/latest/(?:meta-data/iam|api/token)|\[fd00:ec2::254\]|AWS_CONTAINER_CREDENTIALS_(?:RELATIVE|FULL)_URI"
    r"|/proc/(?:self|\d+|\*|\$\w+)/environ|169\.254\.170\.23"
)
CREDENTIAL_FILES = re.compile(
    r"(?:~|/root|\$\{?HOME\}?|/home/[^/]+)/\.(?:aws/(?:credentials|config)|docker/config\.json|npmrc|netrc|pypirc|git-credentials|ssh/id_)"
    r"|(?:^|/)\.(?:npmrc|netrc|pypirc|git-credentials)$"
)


def _secrets_in(word: Word, secrets: Mapping[str, str], shaped: bool = True) -> list[str]:
    return [
        name
        for name in variables_in(word)
        if name in secrets
        or (shaped and tables.secret_shaped(name))
        or name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    ]


_RESULT = frozenset({"if-condition", "loop-condition", "loop", "script-block"})
"""Where a value that stands alone is taken, and not shown."""


def _shows(command: Command, word: Word) -> bool:
    """Tell whether a value that stands alone is a text or a variable whose content PowerShell writes out."""
    if not _RESULT.isdisjoint(command.inside) or any(place.startswith("function:") for place in command.inside):
        return False
    return all(part.quoted for part in word.parts) or [part.kind for part in word.parts] == ["variable"]


def printed(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that prints a secret variable, all variables, or traces commands while secrets are around."""
    command = command_of(subject)
    if command is None:
        return NO
    secrets = secret_names(command.script)
    shown = [word for name, word in command.assignments if not name and _shows(command, word)]
    if (command.name in tables.PRINTERS or shown) and not _goes_elsewhere(command):
        told = (word for operator, word in command.redirects if operator in ("<<", "<<<"))
        for word in [*shown, *arguments(command), *told]:
            found = _secrets_in(word, secrets)
            if found and not _masked(word):
                return yes(word.at, f"the value of {found[0]} goes to the build log")
            if command.name == "cat" and CREDENTIAL_FILES.search(word.text):
                return yes(word.at, f"{word.text} holds credentials and goes to the build log")
    if not (_dumps(command) or _traces(command)) or not (secrets or _holder_has_secret(command)):
        return NO
    if _dumps(command) and not _goes_elsewhere(command):
        return yes(command.at, f"{command.name} writes every variable, secrets too, to the build log")
    if _traces(command) and _secret_used_later(command, secrets):
        return yes(command.at, "from here on every command is logged with the secrets it is given")
    return NO


def _masked(word: Word) -> bool:
    """Tell whether a word shows only a part or a length: `${X:0:4}`, `${#X}`, `${X:+set}`."""
    return all(
        re.match(r"\$\{#|\$\{\w+:?\+|\$\{\w+:0:[1-6]\}", part.source) for part in word.parts if part.kind == "variable"
    )


def _goes_elsewhere(command: Command) -> bool:
    """Tell whether the output goes to a command or file instead of the log."""
    if command.downstream is not None:
        return command.downstream.name not in tables.SHOWS_ON
    if "substitution" in command.inside and command.outer is not None:
        return True
    return any(operator in (">", ">>", "1>", "&>", "&>>") for operator, _ in command.redirects)


def _holder_has_secret(command: Command) -> bool:
    return any(tables.secret_shaped(name) for found in command.script.commands for name, _ in found.assignments)


def _dumps(command: Command) -> bool:
    if command.name in tables.DUMPERS:
        return len(positional(command)) == 0
    texts = [word.text for word in command.words]
    if command.name in ("gci", "dir", "ls", "Get-ChildItem", "gi", "Get-Item"):
        return any(re.fullmatch(r"(?i)env:[\\/*]*", text) for text in texts[1:])
    return texts in (["set"], ["export", "-p"], ["export"], ["declare", "-x"], ["declare", "-p"])


def _traces(command: Command) -> bool:
    texts = [word.text for word in command.words]
    if command.name == "set":
        return any(re.fullmatch(r"-[a-z]*x[a-z]*", text) for text in texts[1:]) or texts[1:3] == ["-o", "xtrace"]
    return command.name in ("bash", "sh") and any(re.fullmatch(r"-[a-z]*x[a-z]*", text) for text in texts[1:2])


def _secret_used_later(command: Command, secrets: Mapping[str, str]) -> bool:
    seen = False
    for found in command.script.commands:
        if found is command:
            seen = True
        elif seen and found.name == "set" and any(re.fullmatch(r"\+[a-z]*x[a-z]*", w.text) for w in found.words[1:]):
            return False
        elif seen and any(_secrets_in(word, secrets, shaped=False) for word in found.words):
            return True
    return False


_FLAGS = {
    # command -> options whose value is a secret
    "docker": ("-p", "--password"),
    "podman": ("-p", "--password"),
    "mysql": ("--password",),
    "mysqldump": ("--password",),
    "mariadb": ("--password",),
    "mongosh": ("-p", "--password"),
    "psql": (),
    "curl": ("-u", "--user", "--oauth2-bearer", "--proxy-user"),
    "wget": ("--password", "--http-password"),
    "sshpass": ("-p",),
    "helm": ("--password",),
    "git": (),
    "twine": ("-p", "--password"),
    "npm": ("--_auth", "--otp"),
    "az": ("-p", "--password"),
    "gh": ("--with-token",),
    "vault": (),
    "redis-cli": ("-a", "--pass"),
    "mongo": ("-p", "--password"),
    "ldapsearch": ("-w",),
    "sonar-scanner": (),
    "aws": ("--master-user-password", "--password", "--secret-string", "--auth-token", "--temporary-password"),
    "snyk": (),
    "openssl": ("-passout", "-passin"),
    "zip": ("-P", "--password"),
    "keytool": ("-storepass", "-keypass"),
    "flyway": (),
    "liquibase": ("--password",),
    "kubectl": ("--password", "--token"),
    "oc": ("--token",),
    "argocd": ("--password", "--auth-token"),
    "mvn": (),
    "gradle": (),
    "cf": ("-p",),
    "sqlplus": (),
    "rclone": (),
    "ansible-playbook": (),
    "serverless": (),
    "pulumi": (),
}
_INLINE = re.compile(
    r"(?i)^(?:-D[\w.]*(?:password|token|secret)[\w.]*=|--?[\w-]*(?:password|passwd|token|secret|api-?key)[\w-]*=)"
)
_HEADER = re.compile(r"(?i)(?:authorization|x-api-key|private-token|x-[\w-]*token)\s*:")


def on_command_line(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a secret given as a word of a command: readable in the process list and in traces."""
    command = command_of(subject)
    if command is None or command.name not in _FLAGS or not command.words:
        return NO
    secrets = secret_names(command.script)
    words = arguments(command)
    for index, word in enumerate(words):
        value = words[index + 1] if index + 1 < len(words) else None
        flag, given = _flag_of(command.name, word.text), value
        if flag != word.text:
            given = word if flag else None
        if flag and given is not None and _carries_secret(command, flag, given, secrets):
            return yes(given.at, f"`{flag}` puts a secret on the command line of {command.name}")
        if (match := _INLINE.match(word.text)) and (_secrets_in(word, secrets) or _from_substitution(word)):
            return yes(word.at, f"`{match.group()}` puts a secret on the command line of {command.name}")
        if command.name in ("curl", "wget") and _HEADER.search(word.text) and _secrets_in(word, secrets):
            return yes(word.at, f"the header puts a secret on the command line of {command.name}")
        if (
            command.name in ("mysql", "mysqldump", "mysqladmin", "mariadb")
            and re.match(r"-p[^\s]", word.text)
            and _secrets_in(word, secrets)
        ):
            return yes(word.at, f"`-p` puts a secret on the command line of {command.name}")
        if re.match(r"[a-z+]+://[^/\s]*(?::[^/\s]*|\$\{?\w+\}?)@", word.text) and _secrets_in(word, secrets):
            return yes(word.at, "the address carries a secret on the command line")
    return NO


def _flag_of(name: str, text: str) -> str:
    """Return the option whose value is a secret: the word itself, or the start of `--user=x` and of `-uname:x`."""
    flags = _FLAGS[name]
    if text in flags:
        return text
    stated = text.split("=", 1)[0] if text.startswith("--") and "=" in text else ""
    if stated in flags:
        return stated
    short = text[:2] if name in ("curl", "sshpass") and not text.startswith("--") else ""
    return short if short in flags else ""


def _from_substitution(word: Word) -> bool:
    return any(part.kind == "substitution" for part in word.parts)


def _carries_secret(command: Command, flag: str, value: Word, secrets: Mapping[str, str]) -> bool:
    """Tell whether an option's value is a secret: a variable with a secret, or what `docker login -p` is given."""
    if _secrets_in(value, secrets):
        return True
    if command.name in ("curl", "wget") and flag in ("-u", "--user", "--proxy-user"):
        return ":" in value.text and bool(variables_in(value)) and not value.text.endswith(":")
    if command.name in ("docker", "podman", "helm"):
        texts = [word.text for word in command.words]
        return "login" in texts and value.text != "-"
    return command.name in ("sshpass", "redis-cli", "ldapsearch") and bool(variables_in(value))


def key_file(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a private key that is written from a variable to a file below ~/.ssh, or given to ssh-add."""
    command = command_of(subject)
    if command is None:
        return NO
    for operator, word in command.redirects:
        if operator.lstrip("1") in (">", ">>") and re.search(
            r"\.ssh/(?!known_hosts|config|authorized)|id_(?:rsa|ed25519|ecdsa|dsa)$", word.text
        ):
            sources = [*arguments(command), *(other for op, other in command.redirects if op.startswith("<<"))]
            told = command.upstream
            while told is not None:
                sources.extend(arguments(told))
                told = told.upstream
            if any(variables_in(source) or _from_substitution(source) for source in sources) and not _removed(
                command, word.text
            ):
                return yes(
                    command.at, f"the key stays in {word.text} after the build: in caches, artifacts and later commands"
                )
    if command.name == "ssh-add" and any(op == "<<<" and variables_in(word) for op, word in command.redirects):
        return NO
    return NO


def _removed(command: Command, path: str) -> bool:
    """Tell whether a later command removes the file."""
    name = path.rsplit("/", 1)[-1]
    return any(
        found.name in ("rm", "shred") and any(name in word.text for word in found.words)
        for found in command.script.commands
    )


def credential_endpoint(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that reads credentials where the platform hands them out, or another process's environment."""
    command = command_of(subject)
    if command is None:
        return NO
    for word in [*command.words, *(word for _, word in command.assignments), *(word for _, word in command.redirects)]:
        match = CREDENTIAL_PLACES.search(word.text)
        if match and command.name not in ("iptables", "unset", "route", "ip", "no_proxy") and not _no_proxy(command):
            return yes(word.at, f"{match.group()} hands out the role's credentials")
    return NO


def _no_proxy(command: Command) -> bool:
    return any(name.lower() == "no_proxy" for name, _ in command.assignments)


def sent_away(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for credentials or the environment that a pipe or an upload sends over the network."""
    command = command_of(subject)
    if command is None:
        return NO
    if _is_source(command):
        after = command.downstream
        while after is not None:
            if after.name in tables.NETWORK_SINKS and not (
                after.name == "openssl" and "s_client" not in [w.text for w in after.words]
            ):
                return yes(command.at, f"{command.name} goes through a pipe into {after.name}, out of the build")
            after = after.downstream
        if command.outer is not None and command.outer.name in ("curl", "wget", "nc"):
            return yes(command.at, f"{command.outer.name} sends what {command.name} prints out of the build")
    if command.name in ("curl", "wget") and option(
        command, "-d", "--data", "--data-binary", "-F", "--form", "-T", "--upload-file", "--post-data", "--post-file"
    ):
        for word in arguments(command):
            if CREDENTIAL_FILES.search(word.text.lstrip("@")) or re.search(
                r"\$\{?AWS_(?:SECRET_ACCESS_KEY|SESSION_TOKEN)", word.text
            ):
                return yes(word.at, f"{command.name} sends credentials out of the build")
    return NO


def _is_source(command: Command) -> bool:
    """Tell whether a command prints credentials or the whole environment."""
    texts = [word.text for word in command.words]
    if command.name in tables.DUMPERS and not positional(command):
        return True
    if (texts[:1] in (["export"], ["declare"]) and texts[1:] in (["-p"], ["-x"])) or texts == ["set"]:
        return True
    if command.name == "aws" and texts[1:3] in (["configure", "export-credentials"], ["sts", "get-session-token"]):
        return True
    return command.name in ("cat", "tar", "base64", "zip") and any(
        CREDENTIAL_FILES.search(text) or "/proc/self/environ" in text for text in texts[1:]
    )


def password_set(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that gives a user a password: `chpasswd`, `passwd`, `usermod -p`."""
    command = command_of(subject)
    if command is None:
        return NO
    if command.name in ("chpasswd", "passwd"):
        if command.name == "passwd" and option(command, "-l", "--lock", "-d", "--delete", "-S", "--status", "-e"):
            return NO
        return yes(command.at, f"{command.name} sets a password that everyone with the text or the image knows")
    if command.name == "net" and [word.text.lower() for word in command.words[1:2]] in (["user"], ["users"]):
        given = [word for word in command.words[2:] if not word.text.startswith("/")]
        return yes(command.at, "net user sets a password that everyone with the text knows") if len(given) > 1 else NO
    if command.name in ("usermod", "useradd", "adduser") and option(command, "-p", "--password"):
        return yes(command.at, f"{command.name} sets a password that everyone with the text or the image knows")
    return NO
