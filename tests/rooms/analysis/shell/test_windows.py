"""What PowerShell and cmd commands are taken for: checks that cannot fail, fetches that run, secrets that are shown."""

from __future__ import annotations

import pytest

from scanner.analysis.shell import downloads, secret_flow, untrusted
from scanner.analysis.shell.purposes import gate, lost_in_pipe, softened
from scanner.core.location import Location, Piece, TextMap
from scanner.core.subject import Command, Script
from scanner.core.value import Scalar
from scanner.model.derived.called_scripts import called_path
from scanner.model.scripts import script
from scanner.model.workspace import Workspace


class Nothing:
    def read(self, path: str) -> None:
        return None

    def below(self, folder: str) -> list[str]:
        return []


def commands(text: str, shell: str = "pwsh") -> list[Command]:
    value = Scalar(text, Location("s", 1, 1, 1, 1))
    made = script(Workspace(Nothing(), []), value, "s", "build", "s", shell=shell)  # type: ignore[arg-type]
    assert isinstance(made, Script)
    return list(made.commands)


def held(predicate: object, text: str, shell: str = "pwsh") -> list[str]:
    """Return the names of the commands for which a predicate holds."""
    return [command.name for command in commands(text, shell) if predicate(command, {}, None).holds]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "soft"),
    [
        ("checkov -d .", False), ("checkov -d .; exit 0", True), ("checkov -d .\nWrite-Host x\nexit 0", True), ("checkov -d .\nexit 1", False),
        ("checkov -d .\nexit $LASTEXITCODE", False), ("checkov -d .\nexit", False), ("checkov -d .; Write-Host done", False),
        ("checkov -d . || $true", True), ("checkov -d . || Write-Warning x", True), ("checkov -d . || exit 1", False), ("checkov -d . || $(throw 'x')", False),
        ("checkov -d . || & { Write-Host x; exit 1 }", False), ("checkov -d . && deploy", False), ("checkov -d . &", True),
        ("checkov -d .\nif ($LASTEXITCODE -ne 0) { exit 1 }\nexit 0", False), ("checkov -d .\nif (-not $?) { throw 'x' }\nexit 0", False),
        ("if ($x) { checkov -d . }\nexit 0", True), ("checkov -d .\nif ($x) { exit 0 }", False), ("checkov -d .\nfunction F { exit 0 }", False),
        ("try { checkov -d . } catch { }", True), ("try { checkov -d . } catch { Write-Host $_; exit 0 }", True), ("try { checkov -d . } catch { throw }", False),
        ("try { checkov -d . } catch { Write-Host x; exit 1 }", False), ("try { checkov -d . } finally { x }", False),
        ("try { checkov -d .; if ($LASTEXITCODE) { throw 'x' } } catch { }", True), ("try { checkov -d .; if ($LASTEXITCODE) { exit 1 } } catch { }", False),
        ("try { checkov -d .; if ($LASTEXITCODE) { throw 'x' } } catch { throw }", False),
        ("try { checkov -d . } catch { }\nif ($LASTEXITCODE -ne 0) { throw 'x' }", False),
        ("$out = checkov -d .; exit 0", True), ("$out = (checkov -d .) -join 'x'\nif ($LASTEXITCODE) { exit 1 }\nexit 0", False),
        ("checkov -d .\n$LASTEXITCODE = 0", True), ("C:\\tools\\Trivy.exe fs .", True), ("trivy fs --exit-code 1 .", False),
        ("Start-Process -FilePath gitleaks.exe -ArgumentList 'detect' -Wait", True), ("$p = Start-Process gitleaks -ArgumentList detect -PassThru -Wait", False),
    ],
)
def test_softened_in_powershell(text: str, soft: bool) -> None:
    found = commands(text)
    index, check = next((index, command) for index, command in enumerate(found) if gate(command))
    assert (softened(check, found[:index]) is not None) is soft


@pytest.mark.parametrize(
    ("text", "soft"),
    [
        ("checkov -d .", False), ("checkov -d . & exit /b 0", True), ("checkov -d .\nexit /b 0", True), ("checkov -d .\nexit /b", False),
        ("checkov -d . || exit /b 0", True), ("checkov -d . || exit /b 1", False), ("checkov -d . || echo x", True),
        ("checkov -d . || (\n  echo x\n  exit /b 1\n)", False), ("checkov -d .\nif errorlevel 1 exit /b 1\nexit /b 0", False),
        ("checkov -d .\nif %ERRORLEVEL% neq 0 exit /b %ERRORLEVEL%\nexit /b 0", False), ("checkov -d . & echo done", False),
    ],
)
def test_softened_in_cmd(text: str, soft: bool) -> None:
    found = commands(text, "cmd")
    check = next(command for command in found if gate(command))
    assert (softened(check, []) is not None) is soft


@pytest.mark.parametrize(
    ("text", "lost"),
    [("checkov -d . | Tee-Object x", False), ("checkov -d . | tee x | Out-Null", False), ("checkov -d . | python r.py", True),
     ("checkov -d . | Out-String | python r.py", True)],
)
def test_a_cmdlet_behind_a_pipe_keeps_the_status(text: str, lost: bool) -> None:
    assert lost_in_pipe(commands(text)[0]) is lost


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("iwr https://a.example/x | iex", ["iwr"]), ("IEX(IWR https://a.example/x)", ["iwr"]), ("iex (irm https://a.example/x)", ["irm"]),
        ("iex ((New-Object Net.WebClient).DownloadString('https://a.example/x'))", ["DownloadString"]),
        ("& ([scriptblock]::Create((irm https://a.example/x)))", ["irm"]), ("$s = irm https://a.example/x\niex $s", ["irm"]),
        ("$s = (iwr https://a.example/x).Content\n$s | iex", ["iwr"]), ("$s = irm https://a.example/x\nWrite-Host $s", []),
        ("iwr https://a.example/x.ps1 -OutFile x.ps1\n.\\x.ps1", ["iwr"]), ("iwr https://a.example/x.ps1 -out x.ps1; powershell -ep bypass -File .\\x.ps1", ["iwr"]),
        ("$f = 'x'; iwr https://a.example/x -OutFile $f; & $f", ["iwr"]), ("Start-BitsTransfer https://a.example/x.ps1 x.ps1\n. ./x.ps1", ["Start-BitsTransfer"]),
        ("iwr https://a.example/x.ps1 -OutFile x.ps1\nGet-FileHash x.ps1\n.\\x.ps1", []), ("irm https://a.example -Method Post -Body $x | iex", []),
        ("pwsh -c 'iwr https://a.example/x | iex'", ["iwr"]), ("Invoke-Command { iwr https://a.example/x | iex }", ["iwr"]),
    ],
)
def test_fetches_that_run(text: str, names: list[str]) -> None:
    assert held(downloads.piped_to_interpreter, text) == names


def test_a_variable_that_holds_a_fetched_script_runs_in_a_shell_too() -> None:
    assert held(downloads.piped_to_interpreter, 'x=$(curl -s https://a.example/x)\neval "$x"', "bash") == ["curl"]
    assert held(downloads.piped_to_interpreter, 'x=$(curl -s https://a.example/x)\necho "$x"', "bash") == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Write-Host $env:DB_PASSWORD", True), ("\"x $env:DB_PASSWORD\"", True), ("$env:DB_PASSWORD | docker login --password-stdin", False),
     ("$env:DB_PASSWORD | Out-Host", True), ("if ($env:DB_PASSWORD) { a }", False), ("$p = $env:DB_PASSWORD", False), ("a | ? { $_ -eq $env:DB_PASSWORD }", False),
     ("$password.Dispose()", False), ("function F { $password }", False),
     ("\"$env:DB_PASSWORD\" > f", False)],
)
def test_values_that_stand_alone_are_shown(text: str, shown: bool) -> None:
    assert bool([c for c in commands(text) if secret_flow.printed(c, {}, None).holds]) is shown  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "set_"), [("net user ci P@ss /add", True), ("net user ci /active:yes", False), ("net use x y", False)])
def test_net_user_sets_a_password(text: str, set_: bool) -> None:
    assert bool(held(secret_flow.password_set, text)) is set_


@pytest.mark.parametrize(
    ("text", "off"),
    [("[System.Net.ServicePointManager]::ServerCertificateValidationCallback = { $true }", True),
     ("[System.Net.ServicePointManager]::ServerCertificateValidationCallback = $null", False),
     ("[Net.ServicePointManager]::SecurityProtocol = 3072", False), ("irm https://a.example -skipCertificateCheck", True)],
)
def test_certificate_checks_switched_off(text: str, off: bool) -> None:
    found = [downloads.unverified_tls(command, {}, None).holds for command in commands(text)]  # type: ignore[arg-type]
    assert any(found) is off


def test_a_text_that_does_not_parse_is_told_at_its_line() -> None:
    workspace = Workspace(Nothing(), [])  # type: ignore[arg-type]
    text = "checkov -d .\nif ($x) {\n  a\n"
    places = TextMap(tuple(Piece(offset, "s", line, 1) for offset, line in ((0, 1), (13, 2), (23, 3))))
    made = script(workspace, Scalar(text, Location("s", 1, 1, 3, 1), places), "s", "build", "s", shell="powershell.exe")
    assert isinstance(made, Script)
    assert [command.name for command in made.commands if command.name] == ["checkov", "a"]
    note, = workspace.notifications
    assert (note.kind, note.at.start_line) == ("shell-partly-read", 2)


@pytest.mark.parametrize(
    ("text", "shell", "held_"),
    [
        ("git checkout $env:GITHUB_HEAD_REF", "pwsh", False), ("iex \"git checkout $env:GITHUB_HEAD_REF\"", "pwsh", True),
        ("& $env:GITHUB_HEAD_REF", "pwsh", True), ("git checkout \"%GITHUB_HEAD_REF%\"", "cmd", True), ("git checkout main", "cmd", False),
        ("$b = git branch --show-current\nInvoke-Expression \"deploy $b\"", "pwsh", True),
        ("$x[\"(\"] = git branch --show-current\n$y = (a $b)\niex $y", "pwsh", False),
    ],
)
def test_text_of_strangers(text: str, shell: str, held_: bool) -> None:
    assert bool([c for c in commands(text, shell) if untrusted.in_shell(c, {}, None).holds]) is held_  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shell", "path"),
    [
        (".\\ci\\build.ps1 -x", "pwsh", "./ci/build.ps1"), ("powershell -ExecutionPolicy Bypass -File .\\build.ps1", "cmd", "./build.ps1"),
        ("& \"$env:CODEBUILD_SRC_DIR\\build.ps1\"", "pwsh", "build.ps1"), (". $PSScriptRoot\\a.ps1", "pwsh", "a.ps1"), ("call ci\\b.bat", "cmd", "ci/b.bat"),
        ("pwsh ./a.ps1", "bash", "./a.ps1"), ("C:\\tools\\a.ps1", "pwsh", None), ("powershell -Command a", "cmd", None),
    ],
)
def test_called_scripts(text: str, shell: str, path: str | None) -> None:
    assert called_path(commands(text, shell)[0]) == path


def test_powershell_text_in_a_shell_command() -> None:
    fetch = commands("powershell -NoProfile -Command \"iwr https://a.example/x | iex\"", "bash")[1]
    assert fetch.name == "iwr"
    assert fetch.downstream is not None
    assert held(downloads.piped_to_interpreter, "pwsh -c 'irm https://a.example/x | iex'", "bash") == ["irm"]


def test_code_in_a_value_is_no_literal() -> None:
    kinds = [[part.kind for part in command.assignments[0][1].parts] for command in commands('$a = "x"\n$b = 5\n$c = "x" + $y\n$d = [A]::B')]
    assert kinds[:3] == [["literal"], ["literal"], ["literal", "arithmetic", "variable"]]
    assert "arithmetic" in kinds[3]
