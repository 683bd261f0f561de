"""For tests of applications: record tasks, run them at once, or move time."""

from postlude.testing._capture import capture_tasks as capture_tasks
from postlude.testing._clock import VirtualClock as VirtualClock
from postlude.testing._immediate import run_immediately as run_immediately
