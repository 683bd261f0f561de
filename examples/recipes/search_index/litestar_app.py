from dataclasses import dataclass

import articles
from litestar import Litestar, get, put
from postlude import PostludeMiddleware


@dataclass
class Article:
    title: str
    text: str


@put("/articles/{number:int}", sync_to_thread=True)
def save(number: int, data: Article) -> dict[str, int]:
    return articles.save(number, data.title, data.text)


@get("/search", sync_to_thread=True)
def search(words: str) -> list[str]:
    return articles.search(words)


app = PostludeMiddleware(Litestar([save, search], logging_config=None))
