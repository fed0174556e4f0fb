"""Predicates about what commands fetch: unchecked code, plain text transport, switched-off certificate checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from scanner.analysis.shell import dependencies, tables
from scanner.analysis.shell.answers import command_of, yes
from scanner.analysis.shell.windows import base_name, language_of, parameter, parameter_value
from scanner.analysis.shell.words import arguments, option, positional, sequence, urls, value_text
from scanner.core.subject import Command, Subject, Word
from scanner.core.view import NO, Answer, View

LOCAL = re.compile(
    r"(?i)^(?:https?|ftp|git)://(?:localhost|127\.|0\.0\.0\.0|\[::1\]|169\.254\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|host\.docker|[a-z0-9_-]+(?::\d+)?(?:/|$)|\$)"
)
ARCHIVE = re.compile(
    r"(?i)\.(?:tar\.gz|tgz|tar\.xz|tar\.bz2|tar|zip|deb|rpm|jar|war|exe|msi|sh|bash|py|pl|rb|ps1|whl|gz|xz|run|bin|appimage|apk|pkg|phar)$"
)
SCRIPT = re.compile(r"(?i)\.(?:sh|bash|py|pl|rb|ps1|js)$")


def fetches_code(command: Command) -> bool:
    """Tell whether the command fetches something from an address (an upload or a request with data is none)."""
    if command.name not in tables.FETCHERS:
        return False
    if command.name in tables.WEB_METHODS or command.name == "Start-BitsTransfer":
        return parameter_value(command, "-transfertype").lower() not in ("upload", "uploadreply")
    if command.name in tables.WEB_CMDLETS:
        sends = parameter(command, "-body", "-infile", "-form") is not None
        return not sends and parameter_value(command, "-method").upper() in ("", "GET", "DEFAULT")
    upload = option(
        command,
        "-T",
        "--upload-file",
        "-d",
        "--data",
        "--data-binary",
        "--data-raw",
        "-F",
        "--form",
        "--post-data",
        "--post-file",
    )
    return upload is None and value_text(command, "-X", "--request").upper() in ("", "GET")


def piped_to_interpreter(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a fetch whose output an interpreter runs: by pipe, substitution, `eval`, or from the file it wrote."""
    command = command_of(subject)
    if command is None or not fetches_code(command):
        return NO
    after = command.downstream
    while after is not None:
        if after.name in tables.INTERPRETERS and _runs_input(after):
            return yes(command.at, f"what {command.name} fetches goes straight into {after.name}")
        after = after.downstream
    outer = command.outer
    if outer is not None and command.inside[-1:] == ("substitution",) and _runs_text(outer):
        return yes(command.at, f"{outer.name or 'the shell'} runs what {command.name} fetches")
    runner = _later_runner(command)
    if runner is not None:
        return yes(command.at, f"line {runner.at.start_line} runs what {command.name} fetched here, unchecked")
    return NO


def ran_fetched_file(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for the command that runs a script which an earlier command fetched and nobody checked."""
    command = command_of(subject)
    if command is None or not command.words:
        return NO
    if command.name not in tables.INTERPRETERS and not SCRIPT.search(command.words[0].text):
        return NO
    for earlier in sequence(command.script, command)[0]:
        if fetches_code(earlier) and _later_runner(earlier) is command:
            return yes(command.at, f"it was fetched on line {earlier.at.start_line} and is run unchecked")
    return NO


def _runs_input(command: Command) -> bool:
    """Tell whether an interpreter takes its program from the pipe: no program file, no -c, no -m."""
    if command.name in ("iex", "Invoke-Expression"):
        return True
    if command.name in ("source", ".", "eval"):
        return any(word.text in ("-", "/dev/stdin") for word in arguments(command))
    shell = command.name in ("sh", "bash", "dash", "zsh", "ksh", "ash")
    if option(command, *(("-c",) if shell else ("-c", "-m", "-e", "-n", "-p"))) is not None:
        return False
    words = positional(command)
    return not words or words[0].text in ("-", "/dev/stdin") or option(command, "-s") is not None


def _runs_text(command: Command) -> bool:
    """Tell whether a command runs the text of its words: `eval`, `sh -c`, `bash <(...)`, or a bare substitution."""
    if command.name in tables.INTERPRETERS:
        return True
    first = command.words[0] if command.words else None
    return first is not None and first.parts[:1] != () and first.parts[0].kind == "substitution"


def output_file(command: Command) -> str:
    """Return the name of the file a fetch writes; empty when it writes none, or its name is not known."""
    for operator, word in command.redirects:
        if operator in (">", ">>", "1>"):
            return word.text
    if command.name in tables.WINDOWS_FETCHERS:
        return _windows_output(command)
    named = (
        value_text(command, "-o", "--output", "--output-document")
        if command.name != "wget"
        else (value_text(command, "-O", "--output-document"))
    )
    if not named:
        for word in arguments(command):
            if re.fullmatch(r"-[A-Za-z]*[oO]", word.text) and word.text != "-O":
                named = value_text(command, word.text)
    if named and named != "-":
        return named if not named.startswith("http") else named.rsplit("/", 1)[-1]
    remote = command.name == "wget" or option(command, "-O", "--remote-name", "-OJ", "-J") is not None
    address = next(iter(urls(command)), None)
    if remote and address is not None and named != "-":
        return address[0].split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return ""


def _windows_output(command: Command) -> str:
    """Return the name of the file that a cmdlet or a .NET method writes."""
    if command.name in tables.WEB_METHODS:
        return command.words[2].text if len(command.words) > 2 else ""
    if command.name == "Start-BitsTransfer":
        return parameter_value(command, "-destination") or "".join(word.text for word in positional(command)[1:2])
    return parameter_value(command, "-outfile")


def _later_runner(command: Command) -> Command | None:
    """Return the command that runs what a fetch wrote to a file or a variable, when nothing checked it in between."""
    name, variables = base_name(output_file(command)), _kept_in(command)
    if not name and not variables:
        return None
    for later in sequence(command.script, command)[1]:
        if _verifies(later):
            return None
        if (name and _runs_file(later, name)) or (variables and _runs_variable(later, variables)):
            return later
    return None


def _runs_file(command: Command, name: str) -> bool:
    """Tell whether a command runs the file of this name: as a script, or as the program of an interpreter."""
    read = command.name in tables.INTERPRETERS
    if command.name in ("powershell", "pwsh"):
        return any(base_name(word.text) == name for word in arguments(command))
    words = tuple(positional(command)) if read else command.words
    runs = read or SCRIPT.search(name) is not None or (name.startswith("$") and language_of(command) == "powershell")
    return runs and bool(words) and base_name(words[0].text) == name


def _kept_in(command: Command) -> frozenset[str]:
    """Return the variables that what a fetch prints is assigned to: `$x = iwr u`, `x=$(curl u)`."""
    outer = command.outer
    if outer is None or outer.words or command.downstream is not None or command.inside[-1:] != ("substitution",):
        return frozenset()
    return frozenset(name for name, _ in outer.assignments if name)


def _runs_variable(command: Command, names: frozenset[str]) -> bool:
    """Tell whether a command runs the text in a variable: `iex $x`, `eval "$x"`, `$x | iex`."""
    up = command.upstream
    if command.name in tables.POWERSHELL_TEXT and up is not None and not up.words:
        return any(part.text in names for _, word in up.assignments for part in word.parts if part.kind == "variable")
    if command.name not in tables.POWERSHELL_TEXT and command.name != "eval":
        return False
    return any(part.text in names for word in arguments(command) for part in word.parts if part.kind == "variable")


def _verifies(command: Command) -> bool:
    if command.name not in tables.VERIFIERS:
        return False
    return command.name != "openssl" or any(word.text in ("dgst", "sha256", "verify") for word in arguments(command))


def unverified(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a fetched archive, package or program that no later command checks by checksum or signature."""
    command = command_of(subject)
    if command is None or not fetches_code(command):
        return NO
    if piped_to_interpreter(subject, arguments_, view).holds:
        return NO
    address = next((found for found in urls(command) if not LOCAL.match(found[0])), None)
    if address is None:
        return NO
    target = output_file(command)
    path = address[0].split("?")[0].split("#")[0]
    after = command.downstream
    unpacked = after is not None and after.name in ("tar", "bsdtar", "unzip", "gunzip", "dpkg", "rpm")
    if not unpacked and not (ARCHIVE.search(path) or ARCHIVE.search(target) or _becomes_program(command, target)):
        return NO
    if any(_verifies(later) for later in sequence(command.script, command)[1]):
        return NO
    return yes(command.at, f"nothing checks `{(target or path).rsplit('/', 1)[-1]}` before it is used")


def _becomes_program(command: Command, target: str) -> bool:
    """Tell whether a later command makes the fetched file executable or runs it."""
    name = target.rsplit("/", 1)[-1]
    if not name:
        return False
    if target.startswith(("/usr/local/bin/", "/usr/bin/", "/bin/", "/opt/")):
        return True
    for later in sequence(command.script, command)[1]:
        texts = [word.text.rsplit("/", 1)[-1] for word in later.words]
        if name in texts and (
            later.name in ("chmod", "install", "tar", "unzip", "rpm", "dpkg", "yum", "apt") or texts[0] == name
        ):
            return True
    return False


def plain_transport(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a fetch, clone or package source over http, ftp or git without encryption."""
    command = command_of(subject)
    if command is None:
        return NO
    if command.name not in tables.FETCHERS and not _takes_sources(command):
        return NO
    told = _values_told(command) if command.name in ("curl", "wget") else []
    for address, word in urls(command):
        if any(word is other for other in told):
            continue
        scheme = address.split(":")[0].lower()
        if scheme in ("http", "ftp", "git") and not LOCAL.match(address):
            return yes(word.at, f"{scheme}:// has no encryption: anyone on the way can change what arrives")
    return NO


_TOLD = re.compile(r"-[xHAde]|--(?:proxy|preproxy|header|user-agent|referer|data(?:-\w+)?|json|post-data)")


def _values_told(command: Command) -> list[Word]:
    """Return the words of curl and wget that name a proxy or are sent: nothing is fetched from an address in them."""
    words = arguments(command)
    found = [after for word, after in pairwise(words) if _TOLD.fullmatch(word.text)]
    return found + [word for word in words if "=" in word.text and _TOLD.fullmatch(word.text.split("=", 1)[0])]


def _takes_sources(command: Command) -> bool:
    return command.name in {
        "git",
        "pip",
        "pip3",
        "npm",
        "yarn",
        "gem",
        "apt-add-repository",
        "add-apt-repository",
        "yum-config-manager",
        "rpm",
        "yum",
        "dnf",
        "apk",
        "conda",
        "helm",
        "twine",
        "mvn",
        "svn",
    }


_OFF = {
    # command -> options that switch certificate or host key checks off
    "curl": ("-k", "--insecure", "--proxy-insecure"),
    "wget": ("--no-check-certificate",),
    "aws": ("--no-verify-ssl",),
    "pip": ("--trusted-host",),
    "twine": ("--skip-verify",),
    "helm": ("--insecure-skip-tls-verify",),
    "kubectl": ("--insecure-skip-tls-verify",),
    "skopeo": ("--tls-verify=false", "--src-tls-verify=false", "--dest-tls-verify=false"),
    "podman": ("--tls-verify=false",),
    "buildah": ("--tls-verify=false",),
    "yum": ("--nogpgcheck",),
    "dnf": ("--nogpgcheck",),
    "apt-get": ("--allow-unauthenticated", "--force-yes"),
    "apt": ("--allow-unauthenticated",),
    "rpm": ("--nosignature", "--nodigest"),
    "apk": ("--allow-untrusted",),
    "zypper": ("--no-gpg-checks",),
    "conda": ("--insecure",),
    "composer": ("--no-secure-http",),
}
_OFF_TEXT = re.compile(
    r"(?i)stricthostkeychecking[= ]no|userknownhostsfile[= ]/dev/null|http\.sslverify[= ](?:false|0)"
    r"|strict-ssl[= ]?(?:false|\"false\")"
    r"|--no-strict-ssl|apt::get::allowunauthenticated=(?:true|1|yes)|acquire::allowinsecurerepositories=(?:true|1|yes)"
    r"|ssl_?verify[= ](?:false|0)$|rejectunauthorized[= ]false"
)
TLS_VARIABLES = {
    # variable -> values that switch certificate checks off (empty: any value)
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "GIT_SSL_NO_VERIFY": (),
    "PYTHONHTTPSVERIFY": ("0",),
    "NPM_CONFIG_STRICT_SSL": ("false",),
    "CURL_INSECURE": (),
    "AWS_NO_VERIFY_SSL": (),
    "PIP_TRUSTED_HOST": (),
    "DOCKER_TLS_VERIFY": ("0", ""),
    "ANSIBLE_HOST_KEY_CHECKING": ("false", "0"),
}


def tls_off(name: str, value: str) -> bool:
    """Tell whether a variable with this value switches certificate checks off."""
    wanted = TLS_VARIABLES.get(name.upper())
    return wanted is not None and ((not wanted and value.lower() not in ("", "0", "false")) or value.lower() in wanted)


def unverified_tls(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that switches off certificate, host key or package signature checks."""
    command = command_of(subject)
    if command is None:
        return NO
    for name, word in command.assignments:
        if tls_off(name, word.text):
            return yes(word.at, f"{name}={word.text} switches certificate checks off")
        if name.lower().endswith("::servercertificatevalidationcallback") and word.text.lower() != "$null":
            return yes(command.at, "the callback decides about certificates instead of the system")
    if command.name in tables.WEB_CMDLETS and (given := parameter(command, "-skipcertificatecheck")) is not None:
        return yes(given.at, f"{given.text} switches the check of who is at the other end off")
    name = "pip" if dependencies.is_pip(command) else command.name
    found = option(command, *_OFF[name]) if name in _OFF else None
    if found is not None and (found.text in _OFF[name] or not found.text.endswith(("=false", "=0"))):
        return yes(found.at, f"{found.text} switches the check of who is at the other end off")
    return _by_setting(command)


def _by_setting(command: Command) -> Answer:
    """Return the answer for a setting that a command is given, or writes into a settings file."""
    words = [word.text for word in arguments(command)]
    if command.name in ("npm", "yarn", "pnpm"):
        told = words[:1] in (["config"], ["set"], ["c"])
        text = " ".join(word for word in words if told or re.match(r"--(?:no-)?strict-ssl", word))
    elif command.name in ("ssh", "scp", "sftp", "rsync", "git", "bundle", "yum-config-manager", "apt-get", "apt"):
        text = " ".join(words)
    else:
        text = " ".join(words) if command.name in ("echo", "printf") and command.redirects else ""
    match = _OFF_TEXT.search(text)
    if match is None:
        return NO
    place = next((word.at for word in arguments(command) if match.group() in word.text), command.at)
    return yes(place, f"{match.group()} switches the check of who is at the other end off")


__all__ = [
    "fetches_code",
    "output_file",
    "piped_to_interpreter",
    "plain_transport",
    "ran_fetched_file",
    "tls_off",
    "unverified",
    "unverified_tls",
]
