from datetime import UTC, datetime

import audit_log
from postlude import BackgroundTask, BackgroundTasks, Cancelled, TaskFailed, TaskRunner
from steps import STEPS, UNDO, Order

runner = TaskRunner()
orders: dict[str, Order] = {}


def note(order: Order, name: str, state: str) -> None:
    order.steps[name] = state
    audit_log.write(datetime.now(UTC), order.number, f"{name}: {state}")


async def take(order: Order, name: str) -> None:
    order.steps[name] = "running"
    await STEPS[name](order)
    note(order, name, "done")


async def fulfil(order: Order) -> None:
    tasks = BackgroundTasks()
    for name in STEPS:
        order.steps[name] = "waiting"
        tasks.add(BackgroundTask(take, order, name).with_options(name=name))
    try:
        await tasks(continue_on_error=False)
    except TaskFailed as failure:
        await clean_up(order, failure)
        raise
    finally:
        audit_log.write(datetime.now(UTC), order.number, "closed")


async def clean_up(order: Order, failure: TaskFailed) -> None:
    for outcome in failure.outcomes:
        if isinstance(outcome, Cancelled):
            note(order, outcome.name, "not run")
        elif order.steps[outcome.name] != "done":
            note(order, outcome.name, f"failed: {failure.__cause__}")
    for name, undo in UNDO.items():
        if order.steps[name] == "done" and order.steps["ship"] != "done":
            await undo(order)
            note(order, name, "undone")


def place(number: str, item: str) -> None:
    order = orders[number] = Order(number, item)
    audit_log.write(datetime.now(UTC), number, f"placed: {item}")
    runner.submit(BackgroundTask(fulfil, order).with_options(task_id=number))


def state_of(number: str) -> dict[str, str | dict[str, str]]:
    handle = runner.get(number)
    if handle is None:
        return {"status": "unknown"}
    return {"status": handle.status, "steps": orders[number].steps}
