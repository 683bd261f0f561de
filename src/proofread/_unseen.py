"""What the warm parent has imported stays unseen until a page imports it, as in a fresh process.

While the parent imports, it notes what each module imports in turn. Then it takes all of it out of
`sys.modules`, and each submodule out of its package; from there on it imports nothing. When a page
imports one, that very module comes back, not executed again, with what it had imported and with
nothing else.

This file imports nothing, so that nothing has been imported unnoted when it begins.
"""

from __future__ import annotations

import _frozen_importlib
import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

Module = type(sys)
_bootstrap: Any = _frozen_importlib
EMPTY: frozenset[str] = frozenset()
SPARED = "importlib.util"
"""What pytest-examples looks up, without an import, to run a block."""


class Notes:
    """What each module imports while it is executed, from `begin` to `end`."""

    def __init__(self, before: Sequence[str]) -> None:
        self.before = frozenset(before)
        """What a fresh interpreter has imported by itself."""
        self.imports: dict[str, set[str]] = {}
        self.names: dict[str, set[str]] = {
            name: set(_own(sys.modules[name])) for name in self.before
        }
        """The names in a module when it had been executed, and nobody had used it."""
        self.shadowed: dict[str, Any] = {}
        """By the name of a submodule, what its package had in its place before."""
        self.hidden: dict[str, Any] = {}
        self.known = EMPTY
        self.late: list[tuple[dict[str, Any], str, Any]] = []
        """Names that came into a module after it had been executed."""
        self.replaced: list[tuple[dict[str, Any], str, Any]] = []
        self._executed: list[str] = []
        self._originals = (builtins.__import__, _bootstrap._gcd_import, _bootstrap._load_unlocked)

    def begin(self) -> None:
        """Note every import from here on."""
        by_statement, by_call, load = self._originals

        def statement(
            name: str,
            globals: Any = None,  # noqa: A002
            locals: Any = None,  # noqa: A002
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            try:
                return by_statement(name, globals, locals, fromlist, level)
            finally:
                self._note(_absolute(name, globals, level), fromlist or ())

        def call(name: str, package: Any = None, level: int = 0) -> Any:
            try:
                return by_call(name, package, level)
            finally:
                self._note(_absolute(name, {"__package__": package}, level), ())

        def loaded(spec: Any) -> Any:
            self._note(spec.name, ())
            self._executed.append(spec.name)
            listed = len(sys.modules)
            try:
                module = load(spec)
            finally:
                self._executed.pop()
            self._look_at(spec.name, module)
            new = list(sys.modules)[listed:]
            # Some modules list others themselves, under names of their own.
            self.imports[spec.name].update(name for name in new if name not in self.imports)
            return module

        builtins.__import__ = statement
        _bootstrap._gcd_import, _bootstrap._load_unlocked = call, loaded

    def _note(self, name: str, wanted: Sequence[str]) -> None:
        if self._executed:
            noted = self.imports.setdefault(self._executed[-1], set())
            noted.add(name)
            module = sys.modules.get(name)
            if "*" in wanted:
                wanted = [*wanted, *getattr(module, "__all__", ())]
            for child in wanted:
                found = sys.modules.get(f"{name}.{child}")
                if found is not None and _own(module).get(child) is found:
                    noted.add(f"{name}.{child}")

    def _look_at(self, name: str, module: Any) -> None:
        """Note what a module holds, now that it has been executed and nobody has used it."""
        package, _, child = name.rpartition(".")
        own = _own(sys.modules.get(package))
        if child in own and own[child] is not module:
            self.shadowed[name] = own[child]
        names = _own(module)
        self.imports.setdefault(name, set())
        self.names[name] = set(names)

    def end(self) -> None:
        """Note no more, and hide it all but for what runs a page."""
        builtins.__import__, _bootstrap._gcd_import, _bootstrap._load_unlocked = self._originals
        self.hidden = {
            name: module
            for name, module in sys.modules.items()
            if name not in self.before and name != "__main__"
        }
        for name, module in self.hidden.items():
            own = _own(module)
            # A module that makes its names on demand makes them again, and imports what that takes.
            if "__getattr__" in own:
                late = set(own) - self.names.get(name, set(own))
                self.late += [(own, child, own[child]) for child in late]
            package, _, child = name.rpartition(".")
            own = _own(sys.modules.get(package))
            if own.get(child) is module and name in self.shadowed:
                self.replaced.append((own, child, self.shadowed[name]))
            elif own.get(child) is module and child not in self.names.get(package, ()):
                self.late.append((own, child, module))
        self._gather()
        self.known = frozenset(self.hidden) | self.before - {"__main__"}
        self._hide()

    def _gather(self) -> None:
        """Write all names anew, one beside the other: who takes one writes to the memory of it."""
        names = {name: "".join([*name]) for name in self.hidden}
        self.hidden = {names[name]: module for name, module in self.hidden.items()}
        self.imports = {
            names[name]: {names[one] for one in imported & names.keys()}
            for name, imported in self.imports.items()
            if name in names
        }

    def _hide(self) -> None:
        # Here and not in each child, which would write to the memory of every module for it.
        for name in self.hidden:
            del sys.modules[name]
        for own, child, value in self.replaced:
            own[child] = value
        self.finder = Finder(self.hidden, self.imports, self.late)
        for own, child, value in self.late:
            if value is self.hidden.get(SPARED):
                self.finder.spared.append((own, child))
            else:
                own.pop(child, None)
        sys.meta_path.insert(0, self.finder)


def _own(module: object) -> dict[str, Any]:
    """The names in a module; none in what only stands for one."""
    known: dict[str, Any] = (
        object.__getattribute__(module, "__dict__") if issubclass(type(module), Module) else {}
    )
    return known


def _absolute(name: str, globals: Any, level: int) -> str:  # noqa: A002
    """What a relative name stands for."""
    known = globals or {}
    package = known.get("__package__")
    if package is None:
        package = known.get("__name__") or ""
        package = package if "__path__" in known else package.rpartition(".")[0]
    if level == 0 and name.startswith("."):
        level = len(name) - len(name.lstrip("."))
        name = name[level:]
    if level == 0:
        return name
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


class Finder:
    """Finds a module that was hidden, the first time that it is imported."""

    def __init__(
        self,
        hidden: dict[str, Any],
        imports: dict[str, set[str]],
        late: Sequence[tuple[dict[str, Any], str, Any]],
    ) -> None:
        self.spared: list[tuple[dict[str, Any], str]] = []
        """What only goes when a page begins: the packages, and their names."""
        self._hidden = hidden
        self._late = late
        self._imports = imports
        self._main = START.get("__main__")

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        del path, target
        module = self._hidden.get(name)
        if module is None:
            return None
        own = getattr(module, "__spec__", None)
        loader = Found(self, module, own)
        found = _bootstrap.ModuleSpec(name, loader, is_package=hasattr(module, "__path__"))
        if own is not None:
            found.origin, found.loader_state = own.origin, own.loader_state
            found.submodule_search_locations = own.submodule_search_locations
            found.cached, found.has_location = own.cached, own.has_location
        return found

    def bring(self, name: str) -> None:
        """Put a module back where it was, with all that it had imported."""
        hidden, waiting = self._hidden, {name}
        while waiting:
            one = waiting.pop()
            module = hidden.pop(one, None)
            if module is None:
                continue
            # `__mp_main__` is another name of the program, which is the page's by now.
            sys.modules[one] = sys.modules["__main__"] if module is self._main else module
            waiting |= self._imports.get(one, EMPTY) & hidden.keys()
            package, _, child = one.rpartition(".")
            if package:
                if package in hidden:
                    self.bring(package)
                # Not what it holds in its place: `from .name import name` had come later.
                _own(sys.modules.get(package)).setdefault(child, module)

    def bring_all(self) -> None:
        """Put back everything: what runs from here on is the engine's."""
        for name, module in self._hidden.items():
            sys.modules.setdefault(name, module)
        for own, child, value in self._late:
            own.setdefault(child, value)
        self._hidden.clear()


class Found:
    """The loader of a module that need not be loaded."""

    def __init__(self, finder: Finder, module: ModuleType, spec: Any) -> None:
        self._finder = finder
        self._module = module
        self._spec = spec

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spec.loader, name)

    def create_module(self, spec: Any) -> ModuleType:
        del spec
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        name = module.__spec__.name if module.__spec__ else module.__name__
        module.__spec__ = self._spec
        self._finder.bring(name)


START = dict(sys.modules)
NOTES: list[Notes] = []


def begin(before: Sequence[str]) -> Notes:
    """Note every import from here on, in an interpreter that had imported `before` by itself."""
    notes = Notes(before)
    NOTES.append(notes)
    notes.begin()
    return notes


def come_before(finder: Any) -> None:
    """Let a finder that a page puts in front of this one leave it what is hidden."""
    if not NOTES:
        return
    hidden, find_spec = NOTES[0].hidden, finder.find_spec

    def find(self: Any, name: str, path: Any = None, target: Any = None) -> Any:
        return None if name in hidden else find_spec(self, name, path, target)

    finder.find_spec = find


def known() -> frozenset[str]:
    """The names of all modules that are none of the page's, as far as they were noted."""
    return NOTES[0].known if NOTES else EMPTY


def hide() -> Finder | None:
    """From here on only what the page imports is there; `None` where nothing was noted."""
    if not NOTES:
        return None
    finder = NOTES[0].finder
    for own, child in finder.spared:
        own.pop(child, None)
    return finder
