"""Data and configuration on a page, read by the parser that its reader's program would use."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import yaml

from proofread._json import read_json


class _Loader(yaml.SafeLoader):
    """The safe one, which would let the second of two equal keys win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                name = self.construct_object(key)
                if name in seen:
                    said = f"the key {name!r} is given twice"
                    raise yaml.constructor.ConstructorError(None, None, said, key.start_mark)
                seen.add(name)
        return super().construct_mapping(node, deep)


def _yaml(text: str) -> object:
    return yaml.load(text, _Loader)


def _ini(text: str) -> object:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {name: dict(section) for name, section in parser.items()}  # each value, interpolated


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "json": read_json,
    "toml": tomllib.loads,
    "yaml": _yaml,
    "ini": _ini,
}
ERRORS = (ValueError, yaml.YAMLError, configparser.Error)


def check(role: str, text: str) -> str | None:
    """Why a text is not what it says it is, or `None`."""
    try:
        PARSERS[role](text)
    except ERRORS as error:
        return f"This is not {role.upper()}: {error}"
    return None
