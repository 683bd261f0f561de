"""Tasks attached to responses of Velithon."""

from __future__ import annotations

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
