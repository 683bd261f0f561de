"""Tasks attached to responses of Ravyn."""

from __future__ import annotations

from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract


class TestRavyn(AttachmentContract):
    app = "ravyn_app"
    handler_level = True


class TestSupervisedRavyn(TestRavyn):
    variable = "supervised"


class TestRavynSupervision(SupervisionContract):
    app = "supervised_ravyn_app"
