from fastapi import FastAPI
from orders import router

app = FastAPI()
app.include_router(router)
