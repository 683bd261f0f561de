import articles
from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, get, put


class Article(BaseModel):
    title: str
    text: str


@put("/articles/{number}")
async def save(number: int, data: Article) -> JSONResponse:
    return JSONResponse(articles.save(number, data.title, data.text))


@get("/search")
async def search(words: str) -> JSONResponse:
    return JSONResponse(articles.search(words))


api = Ravyn(routes=[Gateway(handler=save), Gateway(handler=search)])
app = PostludeMiddleware(api)
