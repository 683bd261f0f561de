"""Data and configuration on a page, read by the parser that its reader's program would use."""

from __future__ import annotations

import configparser
import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import yaml


def _ini(text: str) -> object:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return parser


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
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
