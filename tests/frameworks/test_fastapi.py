"""Tasks attached to responses of FastAPI."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fastapi import BackgroundTasks as Injected
from fastapi import FastAPI
from fastapi.exceptions import FastAPIError
from postlude.frameworks.fastapi import BackgroundTask, BackgroundTasks
from tests.frameworks.contract import AttachmentContract

if TYPE_CHECKING:
    import httpx
    from tests.frameworks.contract import Server


class TestFastAPI(AttachmentContract):
    app = "fastapi_app"
    plain_values = True

    def test_the_injected_group_takes_our_tasks_and_groups(
        self, server: Server, client: httpx.Client
    ) -> None:
        response = client.get("/injected", params={"number": 7})
        assert response.json() == {"number": 7}
        lines, log = server.finish()
        assert lines == ["decorator", "group", "task", "function"]
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
