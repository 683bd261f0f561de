"""The columns of the matrix: whose tasks they are, and in which app."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    stem: str
    """Of the app's file, which each theme has: `starlette_app`."""
    interface: str = "asgi"

    @property
    def slug(self) -> str:
        """How a page's address names its tab."""
        return self.name.lower().replace(" ", "-")


COLUMNS = (
    Column("Starlette", "starlette_app"),
    Column("FastAPI", "fastapi_app"),
    Column("Litestar", "litestar_app"),
    Column("Lilya", "lilya_app"),
    Column("Ravyn", "ravyn_app"),
    Column("Velithon", "velithon_app", "rsgi"),
    Column("Postlude attached", "postlude_attached_app"),
    Column("Postlude supervised", "postlude_supervised_app"),
)
