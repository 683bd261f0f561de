"""Tasks attached to responses of Litestar."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract


class TestLitestar(AttachmentContract):
    app = "litestar_app"
    status = 203
    plain_values = True
    handler_level = True
