"""Tasks attached to responses of Lilya."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract


class TestLilya(AttachmentContract):
    app = "lilya_app"
    plain_values = True
