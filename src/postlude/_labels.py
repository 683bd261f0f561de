"""What tasks are counted under: their names, but no more of them than there may be."""

from __future__ import annotations

OTHERS = "(others)"


class Labels:
    """Gives the first names their own label, and all later ones the same."""

    def __init__(self, most: int) -> None:
        """Begin with none; `most` is how many names are told apart.

        Raises:
            TypeError: It is no whole number.
            ValueError: It is 0 or less.
        """
        if type(most) is not int:
            raise TypeError(f"max_names={most!r} must be a whole number")
        if most < 1:
            raise ValueError(f"max_names={most} must be 1 or more")
        self._most = most
        self._names: set[str] = set()

    def __call__(self, name: str) -> str:
        """The label of a name."""
        if name not in self._names:
            if len(self._names) >= self._most:
                return OTHERS
            self._names.add(name)
        return name
