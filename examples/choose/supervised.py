from fastapi import FastAPI
from orders import router
from postlude import PostludeMiddleware, TaskRunner

api = FastAPI()
api.include_router(router)
app = PostludeMiddleware(api, TaskRunner())
