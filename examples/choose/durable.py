from fastapi import FastAPI
from orders import router
from postlude import (
    PostludeMiddleware,
    SQLiteStore,
    TaskQueue,
    TaskRunner,
    Worker,
    WorkerPool,
)

engine = SQLiteStore("tasks.db", lease=1)
pool = WorkerPool(Worker(TaskQueue(store=engine), "worker-1"))
api = FastAPI(lifespan=pool.lifespan)
api.include_router(router)
app = PostludeMiddleware(api, TaskRunner(engine=engine))
