"""Predicates about text that strangers choose: branch names, messages and titles that reach a shell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from scanner.analysis.shell import tables
from scanner.analysis.shell.answers import command_of, yes
from scanner.analysis.shell.windows import language_of
from scanner.core.subject import Command, Script, Subject, Word, WordPart
from scanner.core.view import NO, Answer, View

TEXT_RUNNERS = frozenset({"eval", "source", ".", "ssh", "xargs", *tables.POWERSHELL_TEXT})
PROGRAM_OPTIONS = {
    # interpreter -> options after which program text follows
    "sh": ("-c",),
    "bash": ("-c",),
    "dash": ("-c",),
    "zsh": ("-c",),
    "python": ("-c",),
    "python3": ("-c",),
    "node": ("-e", "-p"),
    "perl": ("-e",),
    "ruby": ("-e",),
    "awk": (),
    "jq": (),
    "sed": (),
    "php": ("-r",),
}
PIPELINE_TEXT = re.compile(r"#\{([A-Za-z0-9_@.-]+)\.([A-Za-z0-9_@.-]+)\}")
MAX_TAINTED = 200
UNTRUSTED_OUTPUTS = frozenset(
    {
        "CommitMessage",
        "BranchName",
        "PullRequestTitle",
        "RevisionSummary",
        "AuthorDisplayName",
        "AuthorId",
        "AuthorEmail",
    }
)
GITHUB_TEXT = re.compile(
    r"github\.(?:head_ref|event\.(?:pull_request\.(?:title|body|head\.(?:ref|label|repo\.default_branch))|issue\.(?:title|body)|comment\.body"
    r"|review\.body|review_comment\.body|discussion\.(?:title|body)|head_commit\.(?:message|author\.(?:name|email))|commits|pages"
    r"|workflow_run\.(?:head_branch|head_commit\.message|display_title)|inputs\.))"
)


_ALWAYS = {name: name for name in tables.UNTRUSTED_VARIABLES}


def tainted(script: Script, before: Command) -> Mapping[str, str]:
    """Return the variables that hold text a stranger chose where `before` runs: name -> the source."""
    return _history(script).get(id(before), _ALWAYS)


@lru_cache(maxsize=16)
def _history(script: Script) -> dict[int, Mapping[str, str]]:
    """Return what is tainted before each command, by identity; kept for the scripts asked for last."""
    known: Mapping[str, str] = _ALWAYS
    found: dict[int, Mapping[str, str]] = {}
    for command in script.commands:
        found[id(command)] = known
        for name, word in command.assignments:
            source = _source_of(word, known)
            if source and len(known) < MAX_TAINTED:
                known = {**known, name: source}
            elif word.parts and name in known and name not in tables.UNTRUSTED_VARIABLES:
                known = {key: value for key, value in known.items() if key != name}
    return found


def _source_of(word: Word, known: Mapping[str, str]) -> str:
    """Return which untrusted text flows into a word; empty when none does."""
    for part in word.parts:
        if part.kind == "variable" and part.text in known:
            return known[part.text]
        if part.kind == "substitution":
            if tables.UNTRUSTED_GIT.search(part.text) and not re.search(
                r"%[hH]\b|--format=%[hHct]|rev-parse HEAD", part.text
            ):
                return "git's branch name or message"
            for name in known:
                if re.search(rf"\$\{{?(?:env:)?{re.escape(name)}\b", part.text) and not _cleaned(part.text):
                    return known[name]
    return ""


def _cleaned(text: str) -> bool:
    """Tell whether a substitution leaves only harmless characters: `tr -cd`, `sha256sum`, a cut of digits."""
    return re.search(r"\btr\s+-(?:cd|dc)\b|\bsha\d*sum\b|\bmd5sum\b|\[\^", text) is not None


def in_shell(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for text of strangers that a shell or an interpreter may take for commands."""
    command = command_of(subject)
    if command is None or not any(part.kind == "variable" for word in command.words for part in word.parts):
        return NO
    known = tainted(command.script, command)
    for position, word in enumerate(command.words):
        for part in word.parts:
            source = _tainted_part(part, known)
            if source and _dangerous(command, position, part):
                return yes(word.at, f"{source} is text that a stranger chooses, and {_how(command, position, part)}")
    return NO


def _tainted_part(part: WordPart, known: Mapping[str, str]) -> str:
    if part.kind == "variable":
        return known.get(part.text, "")
    return ""


def _dangerous(command: Command, position: int, part: WordPart) -> bool:
    """Tell whether a tainted piece can become more than one argument, or program text."""
    if position == 0 or command.inside[-1:] == ("expanded-shell-string",):
        return True
    if command.name in TEXT_RUNNERS:
        return True
    if _program_text(command, position):
        return True
    language = language_of(command)
    if language != "sh":  # PowerShell splits no variable into words; cmd puts its text in before it reads the line
        return language == "cmd"
    return not part.quoted and command.name not in (
        "[[",
        "case",
        "echo",
        "printf",
        "export",
        "declare",
        "local",
        "test",
        "[",
    )


def _program_text(command: Command, position: int) -> bool:
    """Tell whether the word at a position is the program of an interpreter."""
    options = PROGRAM_OPTIONS.get(command.name)
    if options is None:
        return False
    if not options:
        return position == next((i for i, w in enumerate(command.words[1:], 1) if not w.text.startswith("-")), 0)
    return command.words[position - 1].text in options


def _how(command: Command, position: int, part: WordPart) -> str:
    if position == 0:
        return "the shell runs it as a command"
    if command.name in TEXT_RUNNERS or _program_text(command, position) or "expanded-shell-string" in command.inside:
        return f"{command.name} reads it as program text"
    if language_of(command) == "cmd":
        return "cmd puts it in before it reads the line; quotes cannot help"
    return f"unquoted it becomes several words or options of {command.name}"


def template_in_shell(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for text of strangers that a pipeline or workflow puts into a command before the shell reads it."""
    command = command_of(subject)
    if command is None:
        return NO
    for word in [*command.words, *(word for _, word in command.assignments), *(word for _, word in command.redirects)]:
        for part in word.parts:
            if part.kind != "template":
                continue
            match = PIPELINE_TEXT.search(part.text)
            if match and match.group(2) in UNTRUSTED_OUTPUTS:
                return yes(
                    word.at, f"{match.group()} is put into the text before the shell reads it; quotes cannot help"
                )
            if GITHUB_TEXT.search(part.text):
                return yes(
                    word.at, f"{part.text.strip()} is put into the text before the shell reads it; quotes cannot help"
                )
    return NO
