"""Tasks attached to responses of Velithon."""

from __future__ import annotations

from datetime import date

import postlude
import pytest
from postlude.frameworks.velithon import after_response
from tests.frameworks.contract import AttachmentContract, RSGIServer
from tests.frameworks.supervision import SupervisionContract


class TestVelithon(AttachmentContract):
    app = "velithon_app"
    served = RSGIServer
    plain_values = True
    # Velithon 0.6 routes none: it expects another name of the protocol than granian gives.
    sockets = False


class TestSupervisedVelithon(TestVelithon):
    variable = "supervised"


class TestVelithonSupervision(SupervisionContract):
    app = "supervised_velithon_app"
    served = RSGIServer
    epilogue = ("application closed",)


@pytest.mark.anyio
async def test_a_value_that_velithon_wraps_in_a_message_is_wrapped_alike() -> None:
    @after_response(postlude.BackgroundTask(print))
    async def today() -> date:
        return date(2026, 11, 26)

    response = await today()
    assert response.body == b'{"message":"2026-11-26"}'  # type: ignore[attr-defined]
    response.background.used = True  # type: ignore[attr-defined]
