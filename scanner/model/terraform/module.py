"""Module instances: variables, locals, outputs, resources and child modules, each worked out once when asked for.

One instance stands for one call of a module in its caller's context (or for a root module). Evaluation is lazy, so
the order of blocks and files does not matter; a cycle becomes a failure that names what refers to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scanner.core.location import Location
from scanner.core.value import MapValue, Reference, Scalar, Unknown, Value
from scanner.model.terraform.configuration import Configuration, Item
from scanner.model.terraform.domain import Failure, Lazy, failure
from scanner.model.terraform.evaluate import Scope, evaluate
from scanner.model.terraform.expansion import Expansion, Instance, expand, group_value

if TYPE_CHECKING:
    from scanner.model.terraform.run import Run

_WORKING = Failure("refers to itself", Location("", 1, 1, 1, 1))


class ModuleInstance:
    """One use of a module.

    `address` is empty for a root, else `module.a["k"].module.b`; `given` holds the caller's arguments as
    thunks; `place` is the call's location when the module is third-party code, so that all its values stand there.
    """

    def __init__(
        self, run: Run, configuration: Configuration, root_folder: str, address: str = "",
        given: dict[str, Callable[[], Value]] | None = None, caller: Instance | None = None,
        place: Location | None = None,
    ) -> None:
        self.run = run
        self.configuration = configuration
        self.root_folder = root_folder
        self.address = address
        self.given = given or {}
        self.caller = caller
        self.place = place
        self.depth: int = caller.module.depth + 1 if caller else 0
        self._memo: dict[object, Value] = {}
        self._expansions: dict[int, Expansion] = {}

    @property
    def question_scope(self) -> str:
        """Return what tells this instance's questions apart from those of others."""
        return f"{self.root_folder}:{self.address}" if self.address else self.root_folder

    def scope(self, item: Item) -> Scope:
        """Return the scope of the expressions in a block of this module."""
        return Scope(self, item.artifact)

    def prefixed(self, address: str) -> str:
        """Return an address inside this instance as seen from the root."""
        return f"{self.address}.{address}" if self.address else address

    # --- names ------------------------------------------------------------------------------------

    def root_name(self, name: str, at: Location) -> Value:
        """Return what a bare name means: a namespace, or nothing."""
        if name in ("var", "local", "module", "data", "path", "terraform", "each", "count", "self"):
            return Namespace(self, name, at)
        if (name in self.configuration.resource_types) or "_" in name:
            return Namespace(self, name, at)
        if name in ("True", "False"):   # Terraform refuses it, but there is no doubt about what was meant
            return Scalar(name == "True", at)
        return failure(f'nothing is called "{name}" here', at)

    def traverse(self, root: str, name: str, at: Location) -> Value:
        """Return `root.name`."""
        if root == "var":
            return self.variable(name, at)
        if root == "local":
            return self.local(name, at)
        if root == "module":
            return self.child(name, at)
        if root == "data":
            return Namespace(self, f"data.{name}", at)
        if root == "path":
            return self._path(name, at)
        if root in ("each", "count", "self", "terraform"):
            return Unknown(f"{root}.{name} is not known before plan", at)
        if root == "ephemeral":
            return Namespace(self, f"ephemeral.{name}", at)
        return self.resource(root, name, at)

    def _path(self, name: str, at: Location) -> Value:
        if name == "module":
            return Scalar(self.run.relative(self.configuration.folder, self.root_folder), at)
        if name == "root":
            return Scalar(".", at)
        return Unknown("the working directory is not known", at)

    def remembered(self, key: object, at: Location, compute: Callable[[], Value]) -> Value:
        """Return a value that is worked out once; a cycle or too deep a chain is an answer too."""
        found = self._memo.get(key)
        if found is _WORKING:
            self.run.cycle(key, at)
            return failure(f"{key if isinstance(key, str) else 'it'} refers to itself", at)
        if found is not None:
            return found
        if not self.run.enter():
            return Unknown("the chain of references is longer than we follow", at)
        self._memo[key] = _WORKING
        try:
            found = compute()
        finally:
            self.run.leave()
            del self._memo[key]
        self._memo[key] = found
        return found

    def variable(self, name: str, at: Location) -> Value:
        """Return an input variable: the caller's argument, a variable file's, the default, or an open question."""
        from scanner.model.terraform.variables import variable_value

        return self.remembered(f"var.{name}", at, lambda: variable_value(self, name, at))

    def local(self, name: str, at: Location) -> Value:
        """Return a local value."""
        found = self.configuration.locals.get(name)
        if found is None:
            return Unknown(f"local {name} is not declared", at)
        argument, artifact = found
        return self.remembered(
            f"local.{name}", at, lambda: evaluate(argument.expression, Scope(self, artifact)))

    def output(self, name: str, at: Location) -> Value:
        """Return an output, as the caller sees it."""
        item = self.configuration.outputs.get(name)
        if item is None:
            return failure(f"the module has no output {name}", at)
        argument = item.block.body.arguments.get("value")
        if argument is None:
            return Unknown(f"output {name} has no value", at)
        return self.remembered(f"output.{name}", at, lambda: evaluate(argument.expression, self.scope(item)))

    def resource(self, kind: str, name: str, at: Location, mode: str = "") -> Value:
        """Return a managed resource (`mode` empty), data source or ephemeral resource."""
        item = self.configuration.resources.get((mode, kind, name))
        address = self.prefixed(f"{mode}.{kind}.{name}" if mode else f"{kind}.{name}")
        if item is None:
            return Undeclared(address, at)
        return self.remembered(
            address, at, lambda: group_value(self.expansion(item), at, ResourceObject))

    def expansion(self, item: Item) -> Expansion:
        """Return the instances of a resource, data source or module call."""
        found = self._expansions.get(id(item))
        if found is None:
            found = self._expansions[id(item)] = expand(item, self)
        return found

    # --- child modules ----------------------------------------------------------------------------

    def child(self, name: str, at: Location) -> Value:
        """Return a module call as a value."""
        item = self.configuration.modules.get(name)
        if item is None:
            return Unknown(f"module {name} is not declared", at)
        return self.remembered(
            f"module.{name}", at, lambda: group_value(self.expansion(item), at, ModuleObject))

    def instance_of(self, call: Instance) -> ModuleInstance | None:
        """Return the module instance that a call makes; None when the module's source is not here."""
        if call.made is None:
            call.made = self.run.instantiate(self, call)
            call.tried = True
        return call.made


class Namespace(Lazy):
    """`var`, `local`, `data.aws_ami` and the like, before the name that follows."""

    __slots__ = ("module", "name")

    def __init__(self, module: ModuleInstance, name: str, at: Location) -> None:
        self.module = module
        self.name = name
        self.at = at

    def get(self, key: str) -> Value:
        """Return the named thing."""
        mode, dot, kind = self.name.partition(".")
        if dot:
            return self.module.resource(kind, key, self.at, mode)
        return self.module.traverse(self.name, key, self.at)

    def whole(self) -> Value:
        """Return all variables or locals as one mapping."""
        if self.name == "var":
            names = sorted(self.module.configuration.variables)
            return MapValue({name: self.module.variable(name, self.at) for name in names}, self.at)
        if self.name == "local":
            names = sorted(self.module.configuration.locals)
            return MapValue({name: self.module.local(name, self.at) for name in names}, self.at)
        return Unknown(f"{self.name} as a whole is not known", self.at)


class Undeclared(Lazy):
    """A resource that no file of the module declares: its attributes refer to it all the same."""

    __slots__ = ("address",)

    def __init__(self, address: str, at: Location) -> None:
        self.address = address
        self.at = at

    def get(self, key: str) -> Value:
        """Return an unknown that refers to the attribute."""
        return Unknown(f"{self.address} is not declared", self.at, refers=Reference(self.address, key))

    def whole(self) -> Value:
        """Return an unknown that refers to the resource."""
        return Unknown(f"{self.address} is not declared", self.at, refers=Reference(self.address, ""))


class ResourceObject(Lazy):
    """One instance of a resource or data source."""

    __slots__ = ("instance",)

    def __init__(self, instance: Instance, at: Location) -> None:
        self.instance = instance
        self.at = at

    def get(self, key: str) -> Value:
        """Return an argument with a trace to the resource, or an unknown for what AWS decides."""
        instance = self.instance
        return instance.module.remembered(
            (id(instance), key), self.at, lambda: instance.attribute(key, self.at))

    def whole(self) -> Value:
        """Return an unknown that refers to the resource."""
        address = self.instance.address
        return Unknown(f"{address} is known after it is applied", self.at, refers=Reference(address, ""))


class ModuleObject(Lazy):
    """One instance of a module call: its attributes are the module's outputs."""

    __slots__ = ("instance",)

    def __init__(self, instance: Instance, at: Location) -> None:
        self.instance = instance
        self.at = at

    def get(self, key: str) -> Value:
        """Return an output."""
        made = self.instance.module.instance_of(self.instance)
        address = self.instance.address
        if made is None:
            return Unknown(f"{address} is not among the scanned files", self.at, refers=Reference(address, key))
        return made.output(key, self.at)

    def whole(self) -> Value:
        """Return all outputs as one mapping."""
        made = self.instance.module.instance_of(self.instance)
        if made is None:
            address = self.instance.address
            return Unknown(f"{address} is not among the scanned files", self.at, refers=Reference(address, ""))
        names = sorted(made.configuration.outputs)
        return MapValue({name: made.output(name, self.at) for name in names}, self.at)


