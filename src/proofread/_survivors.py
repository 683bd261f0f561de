"""Survivors: changes that no block notices, and the file that says of each why that is right."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from proofread._settings import ConfigError


def read_reasons(file: Path | None) -> Mapping[str, str]:
    """By the name of a mutant, why no block need notice it."""
    if file is None or not file.exists():
        return {}
    reasons = tomllib.loads(file.read_text(encoding="utf-8"))
    for name, reason in reasons.items():
        if not isinstance(reason, str) or not reason.strip():
            raise ConfigError(f'{file}: {name!r} has no reason: write `"{name}" = "why"`.')
    return reasons


def stale(
    reasons: Mapping[str, str], *, noticed: Collection[str], known: Collection[str]
) -> list[str]:
    """The reasons for what is noticed, or is no change any more."""
    said = [
        f"  {name}: a block notices it by now. Delete its reason."
        for name in reasons
        if name in noticed
    ]
    said += [
        f"  {name}: nothing is changed so any more. Delete its reason, or name the change anew."
        for name in reasons
        if name not in known
    ]
    return said
