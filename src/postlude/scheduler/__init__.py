"""Tasks that run later, or again and again."""

from postlude.scheduler._handle import ScheduledHandle as ScheduledHandle
from postlude.scheduler._scheduler import BackgroundScheduler as BackgroundScheduler
