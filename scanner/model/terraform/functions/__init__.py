"""Terraform's functions. `call` evaluates a call; the tables say which module knows a function.

Pure functions take and return Python objects and are asked only when every argument is fully known. Structural ones
take values, so that unknown parts, open conditions and places survive. Source: the Terraform language's function
reference, version 1.9, and OpenTofu's for the few it adds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

from scanner.core.location import Location
from scanner.core.value import Choice, ListValue, Scalar, Unknown, Value, plain
from scanner.model.terraform.domain import Failure, failure, first_unknown, lifted, of_python
from scanner.model.terraform.evaluate import Scope, evaluate
from scanner.model.terraform.json_text import nulls_kept
from scanner.parse.hcl import tree

_HERE = "scanner.model.terraform.functions."
_PURE = {
    "numbers": "abs ceil floor log max min parseint pow signum",
    "strings": "chomp endswith indent lower split startswith strcontains strrev substr "
               "title trim trimprefix trimsuffix trimspace upper format_known",
    "encoding": "base64decode base64gzip csvdecode textdecodebase64 textencodebase64 urlencode urldecode "
                "base64sha256 base64sha512 md5 sha1 sha256 sha512 uuidv5 jsondecode_known yamldecode",
    "dates": "formatdate timeadd timecmp",
    "network": "cidrhost cidrnetmask cidrsubnet cidrsubnets cidrcontains",
    "paths": "basename dirname",
}
_STRUCTURAL = {
    "collections": "alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element "
                   "flatten index keys length lookup matchkeys merge one range reverse slice sort sum transpose "
                   "values zipmap",
    "patterns": "regex regexall replace",
    "sets": "setintersection setproduct setsubtract setunion",
    "conversions": "tobool tolist tomap tonumber toset tostring sensitive nonsensitive issensitive "
                   "ephemeralasnull join format formatlist jsonencode yamlencode jsondecode base64encode type defaults",
    "files": "abspath file fileexists fileset filebase64 templatefile templatestring pathexpand filebase64sha256 "
             "filebase64sha512 filemd5 filesha1 filesha256 filesha512",
}
_NEVER_KNOWN = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt", "rsadecrypt"})
_TABLE: dict[str, tuple[bool, str]] = {
    name: (pure, module)
    for pure, table in ((True, _PURE), (False, _STRUCTURAL))
    for module, names in table.items()
    for name in names.split()
}
_ALIASES = {"format_known": "", "jsondecode_known": ""}
_FUNCTIONS: dict[str, Callable[..., object]] = {}
NAMES = frozenset(_TABLE) - frozenset(_ALIASES) | _NEVER_KNOWN | {"try", "can"}


def call(node: tree.Call, scope: Scope) -> Value:
    """Return the value of a function call."""
    at = scope.at(node)
    name = node.name.removeprefix("core::")
    if name in ("try", "can"):
        return (_try if name == "try" else _can)(node, scope, at)
    arguments: list[Value] = [evaluate(argument, scope) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        return lifted((last,), at, lambda values: _expanded(name, arguments, values[0], scope, at))
    return apply(name, tuple(arguments), scope, at)


def _expanded(name: str, arguments: list[Value], last: Value, scope: Scope, at: Location) -> Value:
    if not isinstance(last, ListValue):
        if isinstance(last, Unknown) and not isinstance(last, Failure):
            return Unknown(last.reason, at)
        return failure(last.reason if isinstance(last, Failure) else "`...` needs a list", at)
    if last.rest is not None:
        return Unknown(last.rest.reason, at)
    return apply(name, (*arguments, *last.items), scope, at)


def apply(name: str, arguments: tuple[Value, ...], scope: Scope, at: Location) -> Value:
    """Return the value of a function for evaluated arguments."""
    if name in _NEVER_KNOWN:
        return Unknown(f"{name}() differs from run to run", at, present=True)
    entry = _TABLE.get(name)
    if entry is None or name in _ALIASES:
        return _provider_function(name, arguments, at)
    pure, module = entry
    function = _FUNCTIONS.get(name)
    if function is None:
        function = _FUNCTIONS[name] = getattr(import_module(_HERE + module), f"tf_{name}")
    if not scope.module.run.spend(1):
        return Unknown("the budget of evaluation is spent", at)
    if pure:
        return lifted(arguments, at, lambda values: pure_result(function, values, at))
    if name in ("coalesce", "sensitive", "nonsensitive"):
        return _checked(function, arguments, scope, at)
    return lifted(arguments, at, lambda values: _checked(function, values, scope, at))


def _checked(function: Callable[..., object], values: tuple[Value, ...], scope: Scope, at: Location) -> Value:
    broken = next((value for value in values if isinstance(value, Failure)), None)
    if broken is not None:
        return failure(broken.reason, at)
    try:
        result = function(values, scope, at)
    except (ValueError, IndexError, TypeError, KeyError, ArithmeticError) as error:
        return failure(_sentence(error), at)
    assert isinstance(result, Value)
    return result


def pure_result(function: Callable[..., object], values: tuple[Value, ...], at: Location) -> Value:
    """Return the result of a pure function; unknown when an argument is not fully known."""
    for value in values:
        unknown = first_unknown(value)
        if unknown is not None:
            if isinstance(unknown, Failure):
                return Failure(unknown.reason, at)
            return Unknown(unknown.reason, at, present=unknown.present)
    try:
        return of_python(function(*[plain(nulls_kept(value)) for value in values]), at)
    except (ValueError, IndexError, TypeError, KeyError, ArithmeticError) as error:
        return failure(_sentence(error), at)


def _sentence(error: Exception) -> str:
    return f"the call is an error: {error}"


def _try(node: tree.Call, scope: Scope, at: Location) -> Value:
    """Return the first argument that is no error."""
    return _tried([partial(evaluate, argument, scope) for argument in node.arguments], at, 6)


def _tried(thunks: list[Callable[[], Value]], at: Location, left: int) -> Value:
    if not thunks:
        return failure("no argument of try succeeds", at)
    return _settle(thunks[0](), thunks[1:], at, left)


def _settle(value: Value, rest: list[Callable[[], Value]], at: Location, left: int) -> Value:
    if isinstance(value, Choice) and left > 0:
        then = _settle(value.then, rest, at, left - 1)
        return Choice(value.question, then, _settle(value.otherwise, rest, at, left - 1), at)
    if isinstance(value, Failure):
        return _tried(rest, at, left)
    return value


def _can(node: tree.Call, scope: Scope, at: Location) -> Value:
    """Return whether the argument is no error."""
    def answer(value: Value) -> Value:
        if isinstance(value, Choice):
            return Choice(value.question, answer(value.then), answer(value.otherwise), at)
        if isinstance(value, Failure):
            return Scalar(False, at)
        return Unknown(value.reason, at) if isinstance(value, Unknown) and value.refers is None else Scalar(True, at)

    return answer(evaluate(node.arguments[0], scope)) if node.arguments else failure("can needs an argument", at)


def _provider_function(name: str, arguments: tuple[Value, ...], at: Location) -> Value:
    if name.startswith("provider::aws::"):
        from scanner.model.terraform.functions import providers

        function = getattr(providers, f"tf_{name.rsplit('::', 1)[-1]}", None)
        if function is not None:
            return lifted(arguments, at, lambda values: pure_result(function, values, at))
    return Unknown(f"the function {name} is not known", at)


__all__ = ["NAMES", "apply", "call", "pure_result"]
