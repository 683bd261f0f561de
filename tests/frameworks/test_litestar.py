"""Tasks attached to responses of Litestar."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import httpx
import pytest
from litestar import Litestar
from litestar.background_tasks import BackgroundTask as Native
from litestar.di import Provide
from litestar.exceptions import ImproperlyConfiguredException
from postlude.frameworks.litestar import BackgroundTask, PostludePlugin
from tests.frameworks.contract import PATIENCE, AttachmentContract
from tests.frameworks.supervision import SupervisionContract

if TYPE_CHECKING:
    from tests.frameworks.supervision import Start


class TestLitestar(AttachmentContract):
    app = "litestar_app"
    status = 203
    plain_values = True
    handler_level = True


class TestSupervisedLitestar(TestLitestar):
    variable = "supervised"


class TestLitestarSupervision(SupervisionContract):
    app = "supervised_litestar_app"


class TestLitestarPlugin(SupervisionContract):
    app = "plugged_litestar_app"
    epilogue = ("database closed",)

    @pytest.mark.parametrize(("answer", "status"), [("value", 200), ("error", 418)])
    def test_the_given_group_runs_after_the_response_and_before_the_lifespan_ends(
        self, start: Start, answer: str, status: int
    ) -> None:
        server = start()
        response = httpx.get(f"{server.url}/given/{answer}")
        assert response.status_code == status
        if answer == "value":
            assert response.json() == {"same": True}
        assert server.lines(1) == ["dependency"]
        server.process.send_signal(signal.SIGTERM)
        server.stderr("Waiting for application shutdown")
        server.gate.touch()
        server.process.wait(PATIENCE)
        assert server.lines(0) == ["dependency", "handler", "database closed"]


@pytest.mark.parametrize("is_async", [False, True])
def test_who_knows_litestars_task_finds_the_function_where_it_is_there(is_async: bool) -> None:
    ran: list[str] = []

    async def note(what: str) -> None:
        ran.append(what)

    async def main() -> None:
        for kind in (BackgroundTask, Native):
            task: Native = kind(note if is_async else ran.append, kind.__module__)
            await task.fn(*task.args, **task.kwargs)

    asyncio.run(main())
    assert ran == [BackgroundTask.__module__, Native.__module__]


def test_a_parameter_that_is_taken_is_refused() -> None:
    async def provide() -> str:
        return "theirs"

    with pytest.raises(ImproperlyConfiguredException, match=r"PostludePlugin\(parameter='...'\)"):
        Litestar(dependencies={"tasks": Provide(provide)}, plugins=[PostludePlugin()])


def test_wrong_arguments_of_the_plugin_are_refused() -> None:
    with pytest.raises(ValueError, match="parameter='my tasks' must be a name"):
        PostludePlugin(parameter="my tasks")
    with pytest.raises(ValueError, match="on_error_response='keep' must be 'run' or 'drop'"):
        PostludePlugin(on_error_response="keep")  # type: ignore[arg-type]
