"""Tasks attached to responses of Litestar."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract


class TestLitestar(AttachmentContract):
    app = "litestar_app"
    status = 203
    plain_values = True
    handler_level = True


class TestSupervisedLitestar(TestLitestar):
    variable = "supervised"


class TestLitestarSupervision(SupervisionContract):
    app = "supervised_litestar_app"
