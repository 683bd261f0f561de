from typing import Annotated

import articles
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path, Query
from velithon.responses import JSONResponse

api = Velithon()


class Article(BaseModel):
    title: str
    text: str


@api.put("/articles/{number}")
async def save(
    number: Annotated[int, Path()], article: Annotated[Article, Body()]
) -> JSONResponse:
    return JSONResponse(articles.save(number, article.title, article.text))


@api.get("/search")
async def search(words: Annotated[str, Query()]) -> JSONResponse:
    return JSONResponse(articles.search(words))


app = PostludeMiddleware(api)
