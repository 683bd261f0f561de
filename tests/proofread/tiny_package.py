"""A tiny package with every kind of thing that a reference page shows, and its site."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mkdocs.config import load_config

from proofread._collect import collect_markdown
from proofread._marked import markdown_factory
from proofread._reference import Reference

CONFIG = """
site_name: Tiny
theme: {name: material, font: false}
plugins:
  - autorefs
  - mkdocstrings:
      handlers:
        python:
          paths: [src]
          options:
            docstring_style: google
            docstring_section_style: list
            filters: public
            line_length: 80
            members_order: source
            merge_init_into_class: true
            separate_signature: true
            show_root_heading: true
            show_signature_annotations: true
            show_source: false
            signature_crossrefs: true
markdown_extensions:
  - admonition
  - attr_list
  - pymdownx.details
  - pymdownx.highlight: {anchor_linenums: true, pygments_lang_class: true}
  - pymdownx.inlinehilite
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""

INDEX = """# Tiny

```python
print("before")
```

::: tiny_proofread

::: tiny_proofread.Sub
    options:
      inherited_members: true
      members: [own, run]

```python
print("after")
```
"""

PACKAGE = '''"""A tiny package.

Example:
    ```python
    import tiny_proofread
    ```

    ```text title="Output"
    3
    ```
"""

from __future__ import annotations

import dataclasses
import enum
import typing as t
from collections.abc import Awaitable, Callable

P = t.ParamSpec("P")
T = t.TypeVar("T")

Handler: t.TypeAlias = "Callable[[int], Awaitable[None]]"
"""What handles."""

LIMIT: int = 3
"""The limit.

```python
from tiny_proofread import LIMIT
```
"""


class Color(enum.Enum):
    """Colours."""

    RED = "red"
    """Red."""


def add(
    a: int,
    b: t.Optional[int] = 2,
    *,
    sign: str = 'it\\'s "+"',
    key: Callable[..., t.Any] | None = None,
    color: Color = Color.RED,
    word: str = Color.RED.value,
) -> dict[str, list[int]]:
    """Adds, and wraps its long signature.

    Args:
        a: The first.

            ```python
            add(1)
            ```
        b: The second.

    Returns:
        The sum.

    Examples:
        Some text.

        >>> add(1, 2)
        3

        And more:

        >>> add(1, 3)  # doctest: +ELLIPSIS
        4
    """
    return {}


def kinds(a, b=1, /, c=2, *args: int, d, **kw: str) -> None:
    """Every kind of parameter."""


def call(
    func: Callable[P, T], /, *args: P.args, note: t.Annotated[str, "x"] = "", **kwargs: P.kwargs
) -> T:
    """Calls."""


@t.overload
def over(a: int) -> int: ...
@t.overload
def over(a: str) -> str: ...
def over(a):
    """Overloaded.

    === "One"

        ```python
        over(1)
        ```

    === "Two"

        ```python
        over(2)
        ```
    """
    return a


class Base(t.Generic[T]):
    """A base.

    Attributes:
        x: The x.

    Example: How to
        Text before.

        ```python
        Base(1)
        ```
    """

    def __init__(self, x: T, *, verbose: bool = False) -> None:
        """Makes one.

        ```python
        Base(2)
        ```
        """
        self.x = x
        """The x."""

    @property
    def double(self) -> int:
        """Twice."""
        return 2

    async def run(self) -> None:
        """Runs.

        ```python
        Base(3).run()
        ```
        """


class Sub(Base[int]):
    """A sub."""

    def own(self) -> "Sub":
        """Own."""
        return self


@dataclasses.dataclass(frozen=True)
class Data:
    """Data."""

    a: int
    """The a."""
    b: tuple[int, ...] = (1, 2)
    """The b."""
'''


def ask(root: Path, package: str = PACKAGE) -> Reference:
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (root / "src/tiny_proofread").mkdir(parents=True, exist_ok=True)
    (root / "src/tiny_proofread/__init__.py").write_text(package, encoding="utf-8")
    read = load_config(str(root / "mkdocs.yml"))
    markdown = markdown_factory(read.markdown_extensions, read.mdx_configs)
    return Reference(root / "mkdocs.yml", partial(collect_markdown, markdown=markdown))
