"""Tasks attached to responses of Starlette."""

from __future__ import annotations

from contract import AttachmentContract


class TestStarlette(AttachmentContract):
    app = "starlette_app"
