from celery import Celery
from postlude.engines.celery import CeleryEngine

REDIS = "redis://127.0.0.1:6379"

celery = Celery("shop", broker=REDIS, backend=REDIS, include=["receipts"])
# So soon a dead worker's task is another's; by default it is after an hour.
celery.conf.broker_transport_options = {
    "visibility_timeout": 3,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
celery.conf.worker_prefetch_multiplier = 1
engine = CeleryEngine(celery, timeout=20)
