"""Laws about the program text: broad excepts, dialect names, sizes, names, docstrings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCANNER = ROOT / "scanner"
MODULES = sorted(SCANNER.rglob("*.py"))

MAX_LINES = 500
# file below scanner/ -> why it is right that it is longer than MAX_LINES
LONG_FOR_A_REASON: dict[str, str] = {
    "core/subject.py": "all subjects are one vocabulary; a reader wants them on one page",
    "parse/shell.py": "one walk over one grammar; words and wrappers are apart already",
    "parse/hcl/parser.py": "one recursive descent over one grammar; lexer and templates are apart already",
}
MAX_FUNCTION_LINES = 80
# file:function -> why it is right that it is longer than MAX_FUNCTION_LINES
LONG_FUNCTIONS: dict[str, str] = {}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "lib", "tools"}
# words that only readers may know; a scanner that names one judges a spelling instead of a subject
DIALECT_WORDS = re.compile(
    r"\b(cloudformation|terraform|hcl|buildspec|appspec|dockerfile|github.actions|gitlab.ci|codepipeline|serverless)\b", re.I)
# file below scanner/scanners/ -> why it may name dialects
NAMES_DIALECTS: dict[str, str] = {
    "secrets/engine.py": "suffixes of files in which a literal is a setting; no dialect is asked",
    "checkov.py": "checkov's frameworks are called so, and each reads the files of its dialect only",
}


def name_of(path: Path) -> str:
    return path.relative_to(SCANNER).as_posix()


def docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of the constants that are docstrings."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def broad_excepts() -> list[str]:
    """Return file:line of each handler that catches everything."""
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(each is None or ast.unparse(each) in {"Exception", "BaseException"} for each in caught):
                found.append(f"{name_of(path)}:{node.lineno}")
    return found


def test_exactly_two_broad_excepts() -> None:
    """One around a rule call, one around main: everything else says what it expects to go wrong."""
    found = broad_excepts()
    assert len(found) == 2, found
    assert any(place.startswith("scanners/rules/") for place in found), found
    assert any(place.startswith(("__main__", "cli/")) for place in found), found


def test_scanners_name_no_dialect() -> None:
    wrong = []
    for path in sorted((SCANNER / "scanners").rglob("*.py")):
        if path.relative_to(SCANNER / "scanners").as_posix() in NAMES_DIALECTS:
            continue
        tree = ast.parse(path.read_text())
        text = docstrings(tree)
        for node in ast.walk(tree):
            words = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in text:
                words = node.value
            elif isinstance(node, ast.Name):
                words = node.id
            elif isinstance(node, ast.Attribute):
                words = node.attr
            if DIALECT_WORDS.search(words.replace("_", " ")):
                wrong.append(f"{name_of(path)}:{node.lineno} {words[:60]!r}")  # type: ignore[attr-defined]
    assert not wrong, "\n".join(wrong)


def test_modules_stay_readable() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    wrong = {name: size for name, size in sizes.items() if size > MAX_LINES and name not in LONG_FOR_A_REASON}
    assert not wrong, f"longer than {MAX_LINES} lines, split them or give a reason here: {wrong}"
    assert not [name for name in LONG_FOR_A_REASON if sizes.get(name, 0) <= MAX_LINES], "a reason that is no longer needed"


def test_functions_stay_readable() -> None:
    wrong = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > MAX_FUNCTION_LINES and f"{name_of(path)}:{node.name}" not in LONG_FUNCTIONS:
                    wrong.append(f"{name_of(path)}:{node.lineno} {node.name} has {size} lines")
    assert not wrong, "\n".join(wrong)


def test_modules_are_named_for_what_they_know() -> None:
    wrong = [name_of(path) for path in MODULES if set(path.relative_to(SCANNER).with_suffix("").parts) & FORBIDDEN_NAMES]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_names_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text())
    missing = [] if ast.get_docstring(tree) or not tree.body else ["the module"]

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                setter = any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in node.decorator_list)
                if not setter and not ast.get_docstring(node):  # a setter is documented by its property
                    missing.append(f"{prefix}{node.name} (line {node.lineno})")
                if isinstance(node, ast.ClassDef):
                    visit(node.body, f"{node.name}.")

    visit(tree.body, "")
    assert not missing, f"{name_of(path)}: no docstring for {', '.join(missing)}"


def test_suppressions_name_their_rule() -> None:
    """`type: ignore` and `noqa` say which finding they mean."""
    wrong = []
    for path in MODULES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"#\s*type:\s*ignore(?!\[)", line) or re.search(r"#\s*noqa(?!:)", line):
                wrong.append(f"{name_of(path)}:{number}")
    assert not wrong, wrong


# file below scanner/ -> why it may look at the environment itself
READS_ENVIRONMENT = {
    "discover/git.py": "hands git a copy of the environment without the variables that would redirect it",
    "scanners/checkov.py": "looks for the program on PATH, and hands it an environment with nothing else of the caller's",
}


def test_clock_environment_and_randomness_are_arguments() -> None:
    """Only the command line asks for today or the environment; nothing is random."""
    wrong = []
    for path in MODULES:
        if path.relative_to(SCANNER).parts[0] in {"cli", "__main__.py"} or name_of(path) in READS_ENVIRONMENT:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                spelled = ast.unparse(node)
                if spelled in {"os.environ", "os.getenv", "date.today", "datetime.now", "datetime.utcnow", "time.time"} or \
                        (spelled.startswith("random.") and spelled != "random.Random") or spelled.startswith(("uuid.uuid1", "uuid.uuid4", "datetime.datetime.now")):
                    wrong.append(f"{name_of(path)}:{node.lineno} {spelled}")
    assert not wrong, "\n".join(wrong)
