"""Which role a block plays, by its language and title; no role is an error."""

from __future__ import annotations

import ast
import difflib
import functools
import importlib.machinery
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from proofread import _prompt
from proofread._model import Block, Page, Problem

DATA = {"json": ".json", "toml": ".toml", "yaml": ".yaml", "ini": ".ini"}
RUNS = ("python", "pycon", "console", "http", "timeline", *DATA)
SEEN = "Seen"
EXPECTATIONS = {"Output": "output", "Error": "error", "Server log": "server log",
                "Worker log": "worker log"}  # fmt: skip
GENERATED = "signature"
"""Written by the site's generator from the code, and held against the code when collected."""
SHOWN = frozenset({GENERATED, "source", "seen"})
"""The roles of blocks that no page runs: they show what stands or happened elsewhere."""
INSTEAD = {
    "py": "python", "python3": "python", "python-repl": "pycon", "ipython": "pycon",
    "bash": "console", "sh": "console", "shell": "console", "zsh": "console",
    "yml": "yaml", "cfg": "ini", "conf": "ini",
}  # fmt: skip
KNOWN = (
    "python, pycon, console, http, timeline, json, toml, yaml, ini, or text with"
    ' title="Output", "Error", "Server log" or "Worker log"'
)


def role_of(block: Block) -> str | Problem:
    """The role, or why there is none and what to write instead."""
    if block.language == GENERATED:
        return GENERATED
    if block.experiment is not None and block.language == "python":
        return "source"
    if block.experiment is not None and block.language == "text" and block.title == SEEN:
        return "seen"
    if block.language == "text" and block.title in EXPECTATIONS:
        return EXPECTATIONS[block.title]
    if block.language not in RUNS:
        return Problem(block.path, block.line, _no_role(block))
    wrong = _wrong_title(block)
    return Problem(block.path, block.line, wrong) if wrong else block.language


def role(block: Block) -> str:
    """The role of a block that is known to have one."""
    found = role_of(block)
    if isinstance(found, Problem):
        raise ValueError(found.message)
    return found


def runs(block: Block) -> bool:
    """Whether a page runs it, or compares it with what came of a run on the same page."""
    return role_of(block) not in SHOWN


def refusals(page: Page) -> list[Problem]:
    """Everything on a page that can be refused before anything runs."""
    problems = [*page.problems, *_equal_tabs(page), *_files_as_folders(page)]
    for block in page.blocks:
        found = role_of(block)
        if isinstance(found, Problem):
            problems.append(found)
        elif found == "python":
            problems.extend(_unproving(block, page))
        elif found == "pycon":
            problems.extend(_prompt.unproving(block))
        elif block.language == "text" and not block.text.replace("...", "").strip():
            problems.append(
                Problem(block.path, block.line, "Only `...`: this expects nothing. Show a line.")
            )
    return problems


def _equal_tabs(page: Page) -> Iterator[Problem]:
    """Nobody can tell which of two tabs of one name a story is told in."""
    sets = {labels: block for block in page.blocks[::-1] for labels, _ in block.tabs}
    for labels, block in sets.items():
        for label in sorted({label for label in labels if labels.count(label) > 1}):
            said = f"This block's set of tabs has {label!r} more than once: rename one."
            yield Problem(block.path, block.line, said)


def _files_as_folders(page: Page) -> Iterator[Problem]:
    """No file can be where another has its folder."""
    titles = {block.title for block in page.blocks if block.title and block.language != "text"}
    for block in page.blocks:
        for folder in PurePosixPath(block.title or "").parents:
            if str(folder) in titles:
                said = f"title={block.title!r} wants a folder where {str(folder)!r} is a file."
                yield Problem(block.path, block.line, f"{said} Rename one.")


def _no_role(block: Block) -> str:
    if not block.language:
        return f"A block without a language has no role. Roles: {KNOWN}."
    if block.language == "text" and block.title == SEEN:
        return f"{SEEN} is of an experiment: name it in the front matter, `experiment: its_name`."
    if block.language == "text":
        title = "no title" if block.title is None else f"title={block.title!r}"
        return f"```text with {title} has no role. Roles: {KNOWN}."
    lower = block.language.lower()
    near = difflib.get_close_matches(lower, RUNS, 1, cutoff=0.8)
    instead = INSTEAD.get(lower) or (near[0] if near else None)
    advice = f"Write ```{instead}." if instead else f"Roles: {KNOWN}."
    return f"```{block.language} has no role. {advice}"


def _wrong_title(block: Block) -> str | None:
    if block.title is None:
        return None
    if block.language in {"console", "http", "pycon", "timeline"}:
        return f"```{block.language} takes no title, and this one says {block.title!r}: delete it."
    path = PurePosixPath(block.title)
    suffix = DATA.get(block.language, ".py")
    if path.suffix not in {suffix, suffix.replace("yaml", "yml")}:
        return f"title={block.title!r} is not a {suffix} file name, as ```{block.language} wants."
    if suffix == ".py" and not re.fullmatch(r"[\w-]+", path.stem):
        return f"title={block.title!r} is no name that Python can run: use letters, digits and `_`."
    if path.is_absolute() or ".." in path.parts:
        return f"title={block.title!r} leaves the page's directory: write a name inside it."
    if suffix == ".py" and len(path.parts) == 1 and _is_known(path.stem):
        return f"title={block.title!r} hides the module {path.stem!r} from its reader: rename it."
    return None


@functools.cache
def _is_known(module: str) -> bool:
    """Whether an import of this name finds something else already."""
    if module in sys.stdlib_module_names:
        return True
    here = Path.cwd()  # the project's own files stand in nobody's way
    folders = [folder for folder in sys.path if folder and Path(folder) != here]
    spec = importlib.machinery.PathFinder.find_spec(module, folders)
    return spec is not None and spec.origin is not None


def _unproving(block: Block, page: Page) -> Iterator[Problem]:
    """Python that would pass without having shown anything."""
    try:
        tree = ast.parse(block.text)
    except SyntaxError:
        return  # the run reports it, on its line
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=value)) if value is ...:
                said = "`...` stands for code that is not shown: write it."
                yield Problem(block.path, block.at(node.lineno), said)
            case _:
                pass
    for function in _unused(tree, block, page):
        said = f"`{function.name}` is defined and never called: call it."
        yield Problem(block.path, block.at(function.lineno), said)


def _unused(
    tree: ast.Module, block: Block, page: Page
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions that nothing reaches: neither the block itself, nor what imports or starts it."""
    functions = {
        n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    begun = [n for n in tree.body if n not in functions.values()]
    begun += [node for node in functions.values() if node.decorator_list]
    reached = set().union(*map(_mentions, begun), _wanted_from(block, page))
    waiting = list(reached)
    while waiting:
        function = functions.get(waiting.pop())
        new = _mentions(function) - reached if function else set[str]()
        reached |= new
        waiting += new
    for name, function in functions.items():
        if name not in reached and not function.decorator_list:
            yield function


def _wanted_from(block: Block, page: Page) -> set[str]:
    """What other files, data and commands of the page take from a block that they can name."""
    if block.title is None:
        return set()
    module = PurePosixPath(block.title).stem
    wanted: set[str] = set()
    for other in page.blocks:
        if other is block:
            continue
        if other.language == "console":
            wanted |= set(re.findall(rf"\b{re.escape(module)}[:.](\w+)", other.text))
            tested = any("pytest" in line for line in other.text.splitlines())
            wanted |= set(re.findall(r"def (test_\w+)", block.text)) if tested else set()
        elif other.language in {"python", "pycon", *DATA}:
            names = set(re.findall(r"\w+", other.text))
            wanted |= names if module in names else set()
    return wanted


def _mentions(statement: ast.stmt) -> set[str]:
    """The names in a statement, and the words in its texts: `"main:app"` starts an app."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_app = re.fullmatch(r"[\w.]+:(\w+)", node.value)
            found |= {is_app[1]} if is_app else {node.value}
    return found
