"""Tasks of requests of Quart."""

from __future__ import annotations

from typing import Any

import anyio
import postlude
import pytest
from postlude.frameworks.quart import PostludeExtension, after_response
from quart import Quart
from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract

pytestmark = pytest.mark.anyio


class TestQuart(AttachmentContract):
    app = "quart_app"
    plain_values = True


class TestQuartSupervision(SupervisionContract):
    app = "supervised_quart_app"
    epilogue = ("application closed",)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app() -> Quart:
    return Quart(__name__)


async def test_without_the_extension_a_decorated_handler_says_what_to_write(
    app: Quart, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/")
    @after_response(postlude.BackgroundTask(print, "never"))
    async def home() -> str:
        return "welcome"

    response = await app.test_client().get("/")
    assert response.status_code == 500
    assert "run the tasks of home(): write PostludeExtension(app)" in caplog.text


async def test_an_application_that_is_made_later_is_set_up_by_init_app(app: Quart) -> None:
    ran: list[str] = []
    extension = PostludeExtension()

    @app.get("/")
    @after_response(postlude.BackgroundTask(ran.append, "ran"))
    def home() -> str:
        return "welcome"

    extension.init_app(app)
    assert app.extensions["postlude"] is extension
    async with app.test_app() as served:
        await served.test_client().get("/")
    assert ran == ["ran"]


def test_an_application_is_set_up_once(app: Quart) -> None:
    PostludeExtension(app)
    with pytest.raises(RuntimeError, match="test_quart' has a PostludeExtension already"):
        PostludeExtension(app)


def test_wrong_arguments_of_the_extension_are_refused(app: Quart) -> None:
    with pytest.raises(TypeError, match=r"runner='tasks' must be a TaskRunner"):
        PostludeExtension(app, "tasks")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"on_error_response='ignore' must be 'run' or 'drop'"):
        PostludeExtension(app, on_error_response="ignore")  # type: ignore[arg-type]
    assert "postlude" not in app.extensions


async def test_tasks_of_a_group_that_run_side_by_side_do_so(app: Quart) -> None:
    PostludeExtension(app)
    meeting = anyio.Event()

    async def wait() -> None:
        await meeting.wait()

    async def come() -> None:
        meeting.set()

    tasks = [postlude.BackgroundTask(wait), postlude.BackgroundTask(come)]

    @app.get("/")
    @after_response(postlude.BackgroundTasks(tasks, max_concurrent=2))
    async def home() -> str:
        return "welcome"

    with anyio.fail_after(10):
        async with app.test_app() as served:
            await served.test_client().get("/")
    assert meeting.is_set()


async def test_a_handler_whose_client_has_left_before_it_answers_leaves_no_task(app: Quart) -> None:
    ran: list[str] = []
    entered = anyio.Event()

    @app.get("/")
    @after_response(postlude.BackgroundTask(ran.append, "ran"))
    async def home() -> str:
        entered.set()
        await anyio.sleep_forever()
        return "welcome"

    PostludeExtension(app)
    client: Any = app.test_client()
    async with app.test_app(), client.request("/") as connection:
        await connection.send_complete()
        await entered.wait()
        await connection.disconnect()
    assert ran == []
