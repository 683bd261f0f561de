"""For tests: record tasks, run them at once, move time, or check what we do not know."""

from postlude.testing._attachment import check_attachment as check_attachment
from postlude.testing._capture import capture_tasks as capture_tasks
from postlude.testing._clock import VirtualClock as VirtualClock
from postlude.testing._engine import check_engine as check_engine
from postlude.testing._engine_probe import probe_tasks as probe_tasks
from postlude.testing._findings import AttachmentBroken as AttachmentBroken
from postlude.testing._findings import AttachmentReport as AttachmentReport
from postlude.testing._findings import EngineBroken as EngineBroken
from postlude.testing._findings import EngineReport as EngineReport
from postlude.testing._findings import StoreBroken as StoreBroken
from postlude.testing._findings import StoreReport as StoreReport
from postlude.testing._immediate import run_immediately as run_immediately
from postlude.testing._memory_store import MemoryStore as MemoryStore
from postlude.testing._probe import probe_background as probe_background
from postlude.testing._probe import probe_chunks as probe_chunks
from postlude.testing._store import check_store as check_store
