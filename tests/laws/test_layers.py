"""Which room may import which. Imports inside functions and under TYPE_CHECKING count too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCANNER = ROOT / "scanner"

# room -> rooms it may import besides itself; the table of docs/architecture.md
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "facts": {"core"},
    "plugins": {"core"},
    "discover": {"core"},
    "classify": {"core"},
    "parse": {"core"},
    "analysis": {"core", "facts"},
    "model": {"core", "parse", "analysis", "facts"},
    "packs": {"core", "plugins"},
    "scanners": {"core", "packs", "analysis", "facts", "plugins"},
    "evaluate": {"core", "packs"},
    "report": {"core"},
    "flow": {
        "core", "plugins", "discover", "classify", "model", "packs", "scanners", "evaluate", "report",
    },
    "cli": {"core", "flow", "plugins", "packs", "evaluate"},
    "__main__": {"cli", "core", "plugins"},
    "__init__": set(),
}
# (file below scanner/, room): a single import beyond the table, with the reason why it is right
AGREED: dict[tuple[str, str], str] = {}


def room_of(path: Path) -> str:
    """Return the room of a file below scanner/."""
    relative = path.relative_to(SCANNER)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports_of(path: Path) -> list[tuple[int, str]]:
    """Return (line, room) of every import of the package in a file, wherever it stands."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = path.relative_to(ROOT).parent.parts[: len(path.relative_to(ROOT).parts) - node.level]
                module = ".".join((*base, *(node.module or "").split("."))).rstrip(".")
            else:
                module = node.module or ""
            names = [f"scanner.{alias.name}" for alias in node.names] if module == "scanner" else [module]
        for name in names:
            parts = name.split(".")
            if parts[0] == "scanner":
                found.append((node.lineno, parts[1] if len(parts) > 1 else "__init__"))
    return found


def modules() -> list[Path]:
    """Return all modules of the package."""
    return sorted(SCANNER.rglob("*.py"))


def test_every_room_has_a_row() -> None:
    assert {room_of(path) for path in modules()} <= set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_go_downwards(room: str) -> None:
    wrong = []
    for path in modules():
        if room_of(path) != room:
            continue
        relative = path.relative_to(SCANNER).as_posix()
        for line, imported in imports_of(path):
            # `from scanner import __version__` is the package's own name and version, free to all
            constant = imported.startswith("__")
            if imported != room and not constant and imported not in MAY_IMPORT[room] and (relative, imported) not in AGREED:
                wrong.append(f"scanner/{relative}:{line} imports {imported}")
    assert not wrong, "\n".join(wrong)


def test_agreed_exceptions_are_still_used() -> None:
    used = {
        (path.relative_to(SCANNER).as_posix(), imported) for path in modules() for _, imported in imports_of(path)
    }
    assert not set(AGREED) - used


def test_table_has_no_circle() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        free = {room for room, allowed in MAY_IMPORT.items() if room not in done and allowed <= done}
        assert free, f"circle among {sorted(set(MAY_IMPORT) - done)}"
        done |= free


def test_core_imports_the_standard_library_only() -> None:
    import sys

    wrong = []
    for path in (SCANNER / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            wrong += [
                f"{path.name}:{node.lineno} {name}" for name in names  # type: ignore[attr-defined]
                if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("scanner.core")
            ]
    assert not wrong, "\n".join(wrong)


def test_nothing_reaches_the_network() -> None:
    network = {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "requests", "urllib3", "httpx", "aiohttp", "boto3"}
    wrong = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            for name in names:
                if name in network or name.split(".")[0] in network:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")  # type: ignore[attr-defined]
    assert not wrong, "\n".join(wrong)


def executes(call: ast.Call) -> bool:
    """Tell whether a call runs text as a program or builds objects that its input chooses."""
    called = ast.unparse(call.func)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if called in {"eval", "exec", "os.system", "os.popen", "yaml.full_load", "yaml.unsafe_load"}:
        return True
    if called == "yaml.load":
        loader = ast.unparse(keywords["Loader"]) if "Loader" in keywords else "none"
        return not loader.endswith(("SafeLoader", "loader"))
    shell = keywords.get("shell")
    return isinstance(shell, ast.Constant) and shell.value is True


def test_scanned_files_are_never_executed_or_unpickled() -> None:
    """No eval, exec, pickle, shell=True, unsafe yaml: what is scanned is data."""
    wrong = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and executes(node):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}")
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                wrong += [f"{path.relative_to(ROOT)}:{node.lineno} {n}" for n in names if n in {"pickle", "shelve", "dill"}]
    assert not wrong, "\n".join(wrong)
