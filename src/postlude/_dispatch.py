"""Tasks on their way to an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude import _ids
from postlude._call import Call
from postlude._message import Message
from postlude._options import Options
from postlude._registry import is_registered
from postlude._remote import EngineHandle

if TYPE_CHECKING:
    from postlude.protocols import Engine


def engine_for(call: Call, default: Engine | None = None) -> Engine | None:
    """The engine that a task goes to: its own, or the runner's if its function is marked."""
    own: Engine | None = call.options.engine
    if own is not None or default is None:
        return own
    return default if is_registered(call.func) else None


async def dispatch(call: Call, engine: Engine, *, task_id: str | None = None) -> EngineHandle:
    """Hand a task over to an engine.

    Raises:
        NotDispatchable: It cannot leave the process.
        EngineUnavailable: The engine could not take it.
    """
    message = Message.of(call, task_id=task_id)
    await engine.submit(message)
    return EngineHandle(message, engine)


def sending(call: Call, engine: Engine) -> Call:
    """A call that hands the other one over: a failure is reported as any task's."""
    task_id = call.options.task_id or _ids.new_id()
    sender = Call(_send, call, engine, task_id)
    sender.context = call.context
    sender.options = Options(name=f"{call.name} to {engine.name}", task_id=task_id, is_async=True)
    return sender


def here_or_sending(call: Call) -> Call:
    """The call itself, or what hands it over to the engine it names."""
    engine = call.options.engine
    return call if engine is None else sending(call, engine)


async def _send(call: Call, engine: Engine, task_id: str) -> None:
    await dispatch(call, engine, task_id=task_id)
