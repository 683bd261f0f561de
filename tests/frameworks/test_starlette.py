"""Tasks attached to responses of Starlette."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract


class TestStarlette(AttachmentContract):
    app = "starlette_app"


class TestSupervisedStarlette(TestStarlette):
    variable = "supervised"


class TestStarletteSupervision(SupervisionContract):
    app = "supervised_starlette_app"
