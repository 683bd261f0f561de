"""Tasks attached to responses of Lilya."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract


class TestLilya(AttachmentContract):
    app = "lilya_app"
    plain_values = True


class TestSupervisedLilya(TestLilya):
    variable = "supervised"


class TestLilyaSupervision(SupervisionContract):
    app = "supervised_lilya_app"
