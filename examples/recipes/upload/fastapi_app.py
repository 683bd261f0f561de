import pictures
from fastapi import FastAPI, HTTPException, UploadFile
from postlude import PostludeMiddleware

api = FastAPI()


@api.post("/upload", status_code=202)
def upload(data: UploadFile) -> dict[str, str]:
    return pictures.accept(data.file)


@api.get("/pictures/{name}")
def show(name: str) -> dict[str, str | None]:
    picture = pictures.find(name)
    if picture is None:
        raise HTTPException(404, "no such picture")
    return {**picture}


app = PostludeMiddleware(api)
