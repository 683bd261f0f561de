"""Tasks attached to responses of Lilya."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.frameworks.contract import AttachmentContract
from tests.frameworks.supervision import SupervisionContract

if TYPE_CHECKING:
    import httpx
    from tests.frameworks.contract import Server


class TestLilya(AttachmentContract):
    app = "lilya_app"
    plain_values = True

    def test_after_head_nothing_runs_and_nothing_is_amiss(
        self, server: Server, client: httpx.Client
    ) -> None:
        assert client.head("/decorated").status_code == self.status
        lines, log = server.finish()
        assert lines == []
        assert "never run" not in log


class TestSupervisedLilya(TestLilya):
    variable = "supervised"


class TestLilyaSupervision(SupervisionContract):
    app = "supervised_lilya_app"
