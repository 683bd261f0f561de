import articles
from fastapi import FastAPI
from postlude import PostludeMiddleware
from pydantic import BaseModel

api = FastAPI()


class Article(BaseModel):
    title: str
    text: str


@api.put("/articles/{number}")
def save(number: int, article: Article) -> dict[str, int]:
    return articles.save(number, article.title, article.text)


@api.get("/search")
def search(words: str) -> list[str]:
    return articles.search(words)


app = PostludeMiddleware(api)
