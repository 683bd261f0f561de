"""Tasks attached to responses of Starlette."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract


class TestStarlette(AttachmentContract):
    app = "starlette_app"
