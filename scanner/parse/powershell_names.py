"""Names in PowerShell: case does not count, aliases mean a cmdlet, and programs are called with and without `.exe`."""

from __future__ import annotations

import re

CMDLETS = {name.lower(): name for name in (
    "Add-Content", "ConvertFrom-Json", "ConvertTo-Json", "ConvertTo-SecureString", "Copy-Item", "Expand-Archive",
    "ForEach-Object", "Get-AuthenticodeSignature", "Get-ChildItem", "Get-Content", "Get-FileHash", "Get-Item",
    "Import-Module", "Install-Module", "Install-Package", "Install-Script", "Invoke-Command", "Invoke-Expression",
    "Invoke-RestMethod", "Invoke-WebRequest", "Join-Path", "Move-Item", "New-Item", "New-Object", "Out-File",
    "Out-Host", "Out-Null", "Remove-Item", "Select-Object", "Set-Content", "Set-ExecutionPolicy", "Set-Location",
    "Start-BitsTransfer", "Start-Process", "Start-Sleep", "Tee-Object", "Test-Path", "Where-Object",
    "Write-Error", "Write-Host", "Write-Information", "Write-Output", "Write-Verbose", "Write-Warning",
)}
"""Cmdlets that rules name, as Microsoft spells them."""
FETCHING_METHODS = {name.lower(): name for name in (
    "DownloadString", "DownloadFile", "DownloadData", "OpenRead", "DownloadStringTaskAsync", "DownloadFileTaskAsync",
    "DownloadStringAsync", "DownloadFileAsync", "GetStringAsync", "GetStreamAsync", "GetByteArrayAsync",
)}
"""Methods of .NET's web clients that fetch an address: the reader makes commands of them."""
ALIASES = frozenset({
    "%", "?", "ac", "cat", "cd", "chdir", "clc", "clear", "cls", "copy", "cp", "cpi", "del", "dir", "echo",
    "erase", "fl", "foreach", "ft", "gc", "gci", "gcm", "gi", "gm", "gp", "group", "iex", "irm", "iwr", "kill", "ls",
    "measure", "mi", "mkdir", "mount", "move", "mv", "ni", "nal", "nv", "ogv", "popd", "ps", "pushd", "pwd", "ren",
    "ri", "rm", "rmdir", "rni", "rv", "saps", "sc", "select", "set", "sl", "sleep", "sls", "sort", "start", "sv", "tee",
    "type", "where", "write",
})
"""Aliases of every PowerShell on Windows; `curl` and `wget` are left out, they are programs in all but the oldest."""
VERBS = frozenset({
    "add", "approve", "assert", "backup", "block", "build", "checkpoint", "clear", "close", "compare", "complete",
    "compress", "confirm", "connect", "convert", "convertfrom", "convertto", "copy", "debug", "deny", "deploy",
    "disable", "disconnect", "dismount", "edit", "enable", "enter", "exit", "expand", "export", "find", "foreach",
    "format", "get", "grant", "group", "hide", "import", "initialize", "install", "invoke", "join", "limit", "lock",
    "measure", "merge", "mount", "move", "new", "open", "optimize", "out", "ping", "pop", "protect", "publish",
    "push", "read", "receive", "redo", "register", "remove", "rename", "repair", "request", "reset", "resize",
    "resolve", "restart", "restore", "resume", "revoke", "save", "search", "select", "send", "set", "show", "skip",
    "sort", "split", "start", "step", "stop", "submit", "suspend", "switch", "sync", "tee", "test", "trace",
    "unblock", "undo", "uninstall", "unlock", "unprotect", "unpublish", "unregister", "update", "use", "wait",
    "watch", "where", "write",
})
"""The approved verbs of cmdlets, and those (foreach, sort, tee, where) that only built-in ones use."""
_PROGRAM = re.compile(r"\.(?:exe|cmd|bat|com)$", re.IGNORECASE)


def canonical(text: str) -> str:
    r"""Return a command's base name: `C:\tools\Trivy.EXE` is `trivy`, `invoke-webrequest` is `Invoke-WebRequest`."""
    if text in (".", ".."):
        return text
    name = _PROGRAM.sub("", re.split(r"[\\/]", text)[-1])
    lower = name.lower()
    known = CMDLETS.get(lower) or FETCHING_METHODS.get(lower)
    if known is not None:
        return known
    return name if "-" in name or "." in name else lower


def is_cmdlet(name: str) -> bool:
    """Tell whether a command is a cmdlet, a function or an alias of one: it raises errors and has no exit status."""
    verb, dash, noun = name.partition("-")
    if dash:
        return verb.lower() in VERBS and noun[:1].isalpha()
    return name.lower() in ALIASES or name.lower() in FETCHING_METHODS
