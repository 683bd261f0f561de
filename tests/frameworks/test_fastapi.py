"""Tasks attached to responses of FastAPI."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi import BackgroundTasks as Injected
from fastapi.exceptions import FastAPIError
from postlude import PostludeMiddleware, TaskRunner, current_tasks
from postlude.frameworks.fastapi import BackgroundTask, BackgroundTasks, Tasks, after_response
from starlette.applications import Starlette
from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    import httpx
    from tests.frameworks.contract import Server
    from tests.frameworks.supervision import Start


class TestFastAPI(AttachmentContract):
    app = "fastapi_app"
    plain_values = True
    injected = ("decorator", "group", "task", "function")

    def test_the_injected_group_takes_our_tasks_and_groups(
        self, server: Server, client: httpx.Client
    ) -> None:
        response = client.get("/injected", params={"number": 7})
        assert response.json() == {"number": 7}
        lines, log = server.finish()
        # Each hands itself over, and then they run side by side.
        assert (sorted(lines) if self.variable == "supervised" else lines) == [*self.injected]
        assert log.count("Traceback (most recent call last)") == 1

    def test_the_decorators_own_parameter_is_no_part_of_the_schema(
        self, client: httpx.Client
    ) -> None:
        operation = client.get("/openapi.json").json()["paths"]["/injected"]["get"]
        assert [parameter["name"] for parameter in operation["parameters"]] == ["number"]
        assert "requestBody" not in operation

    def test_a_decorated_handler_may_return_a_response_with_tasks(
        self, server: Server, client: httpx.Client
    ) -> None:
        self.get(client, "/both")
        assert server.finish()[0] == ["decorator", "response"]

    @pytest.mark.parametrize(
        ("answer", "status", "beside"),
        [("value", 200, ["native"]), ("response", 200, ["own"]), ("error", 418, [])],
    )
    def test_the_given_group_runs_after_whatever_response(
        self, server: Server, client: httpx.Client, answer: str, status: int, beside: list[str]
    ) -> None:
        assert client.get(f"/given/{answer}").status_code == status
        assert set(server.lines(0)) <= {"dependency", *beside}
        server.gate.touch()
        lines, log = server.finish()
        assert sorted(lines) == sorted(["dependency", "handler", *beside])
        assert lines.index("dependency") < lines.index("handler")
        assert log.count("Traceback (most recent call last)") == 1
        assert "hunter2" not in log

    def test_the_given_group_of_a_websocket_runs_after_it(self, server: Server) -> None:
        with connect(server.url.replace("http", "ws") + "/given-socket"):
            pass
        assert server.finish()[0] == ["socket"]

    def test_the_given_group_is_no_part_of_the_schema(self, client: httpx.Client) -> None:
        operation = client.get("/openapi.json").json()["paths"]["/given/{answer}"]["get"]
        assert [parameter["name"] for parameter in operation["parameters"]] == ["answer"]
        assert "requestBody" not in operation


class TestSupervisedFastAPI(TestFastAPI):
    variable = "supervised"
    injected = ("decorator", "function", "group", "task")


class TestFastAPISupervision(SupervisionContract):
    app = "supervised_fastapi_app"

    def test_a_session_is_closed_when_the_response_is_out(self, start: Start) -> None:
        server = start()
        self.get(server, "/session")
        assert server.lines(1) == ["session closed"]
        server.gate.touch()
        assert server.finish()[0] == ["session closed", "done"]

    def test_tasks_beside_those_of_the_response_run(self, start: Start) -> None:
        server = start()
        self.get(server, "/own-response")
        assert server.finish()[0] == ["current", "response"]

    def test_a_response_that_is_kept_loses_no_task(self, start: Start) -> None:
        server = start()
        self.get(server, "/kept/1", "/kept/2", "/kept/3")
        assert sorted(server.finish()[0]) == ["request 1", "request 2", "request 3"]

    def test_the_native_group_that_is_awaited_runs_our_tasks_once(self, start: Start) -> None:
        server = start()
        self.get(server, "/native-awaited")
        assert server.finish()[0] == ["done"]

    def test_tasks_added_before_a_crash_run_once(self, start: Start) -> None:
        server = start()
        self.get(server, "/crashes", status=500)
        assert server.finish()[0] == ["done"]


def test_a_parameter_of_our_groups_class_is_refused_at_start() -> None:
    async def handler(tasks: BackgroundTasks) -> None: ...

    with pytest.raises(FastAPIError, match="Invalid args for response field"):
        FastAPI().get("/")(handler)


def test_telemetry_finds_the_function_of_a_group_in_the_native_list() -> None:
    native = Injected()
    tasks = BackgroundTasks([BackgroundTask(print)])
    native.tasks.append(tasks)
    asyncio.run(native())
    assert native.tasks[0].func is tasks


@pytest.mark.parametrize("is_async", [False, True])
def test_a_handler_that_is_called_by_hand_returns_its_value_and_runs_no_task(
    is_async: bool,
) -> None:
    log: list[str] = []
    after = after_response(BackgroundTask(log.append, "task"))

    def handler(number: int) -> dict[str, int]:
        return {"number": number}

    async def handler_async(number: int) -> dict[str, int]:
        return handler(number)

    if is_async:
        assert asyncio.run(after(handler_async)(7)) == {"number": 7}
    else:
        assert after(handler)(7) == {"number": 7}
    assert log == []


def test_the_annotations_of_a_decorated_handler_are_its_own() -> None:
    async def handler(connection: WebSocket, tasks: Tasks) -> None: ...

    decorated = after_response(BackgroundTask(print))(handler)
    parameters = inspect.signature(decorated).parameters
    assert parameters["connection"].annotation is WebSocket
    assert parameters["tasks"].annotation is Tasks


def test_a_decorated_handler_may_return_what_only_type_checkers_know() -> None:
    async def handler() -> httpx.Response:
        raise NotImplementedError

    decorated = after_response(BackgroundTask(print))(handler)
    assert inspect.signature(decorated).return_annotation == "httpx.Response"
    assert inspect.iscoroutinefunction(decorated)


def test_the_given_group_of_a_websocket_runs_where_a_router_is_mounted_without_fastapi() -> None:
    router = APIRouter()
    log: list[str] = []

    @router.websocket("/")
    async def socket(connection: WebSocket, tasks: Tasks) -> None:
        await connection.accept()
        tasks.add_task(log.append, "task")
        await connection.close()

    talk(Starlette(routes=router.routes), log)
    assert log == ["websocket.accept", "websocket.close", "task"]


def test_tasks_of_a_websocket_run_when_it_closes() -> None:
    api = FastAPI()
    log: list[str] = []

    @api.websocket("/")
    async def socket(connection: WebSocket) -> None:
        await connection.accept()
        current_tasks().add_task(log.append, "task")
        await connection.close()

    runner = TaskRunner()
    app = PostludeMiddleware(api, runner)

    async def supervised(*call: Any) -> None:
        async with runner:
            await app(*call)

    talk(supervised, log)
    assert log == ["websocket.accept", "websocket.close", "task"]


def talk(app: Any, log: list[str]) -> None:
    """Open a WebSocket, and note what is sent."""

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        log.append(message["type"])

    scope: dict[str, Any] = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
