"""The function that answers requests, before a decorator changes it."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any, cast

from postlude._call import name_of


def checked_handler(handler: object) -> None:
    """Refuse what cannot be a handler that returns a response.

    Raises:
        TypeError: It is no function, or one that yields, or a route was made of it already.
    """
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise TypeError(
            f"after_response() cannot decorate {name_of(handler)}(), which yields: "
            "return a streaming response with background= instead"
        )
    if isinstance(handler, FunctionType):
        if sys.getrefcount(handler) > _FRESH and _has_route(handler):
            raise TypeError(
                f"after_response() stands above the route decorator of {handler.__name__}(), "
                f"whose route would never see it: {_BELOW}"
            )
    elif not callable(handler):
        raise TypeError(
            "after_response() decorates a handler function, got an object of type "
            f"{type(handler).__name__!r}: {_BELOW}"
        )
    elif hasattr(type(handler), "handler") or hasattr(handler, "fn"):
        raise TypeError(
            "after_response() stands above the route decorator, which has made a "
            f"{type(handler).__name__!r} of the function: {_BELOW}"
        )


_BELOW = "put @after_response(...) right above the def, below the route decorator"
# A function that only its own decorators have seen has fewer references than one of a route; to
# look for whose they are takes milliseconds.
_FRESH = 4


def _has_route(handler: FunctionType) -> bool:
    return any(_is_route(holder, handler) for holder in gc.get_referrers(handler))


def _is_route(holder: object, handler: FunctionType) -> bool:
    if isinstance(holder, dict):
        attributes = cast("dict[str, object]", holder)
        found = [attributes.get("endpoint"), attributes.get("handler")]
        return "path" in attributes and any(each is handler for each in found)
    if "routing" in type(holder).__module__:
        found = [getattr(holder, "endpoint", None), getattr(holder, "handler", None)]
        return any(each is handler for each in found)
    return False


def is_hang_up(error: Exception) -> bool:
    """Whether it is what frameworks raise when the client has closed a WebSocket."""
    return any(kind.__name__ == "WebSocketDisconnect" for kind in type(error).__mro__)


def has_socket(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a handler was called with a WebSocket."""
    return any(_is_socket(value) for value in (*args, *kwargs.values()))


def _is_socket(value: object) -> bool:
    scope = getattr(value, "scope", None)
    return isinstance(scope, Mapping) and cast("Any", scope).get("type") == "websocket"
