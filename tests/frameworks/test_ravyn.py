"""Tasks attached to responses of Ravyn."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract


class TestRavyn(AttachmentContract):
    app = "ravyn_app"
    handler_level = True
