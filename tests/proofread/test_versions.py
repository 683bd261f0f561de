"""Versions are those of whoever provides what is imported."""

from __future__ import annotations

from importlib import metadata

from proofread import _versions


def test_who_provides_a_name_is_found_as_the_standard_library_finds_it() -> None:
    found = _versions.distributions()
    expected = metadata.packages_distributions()
    assert len(expected) > 50
    assert {name: set(found[name]) for name in expected} == {
        name: set(providers) for name, providers in expected.items()
    }
