import articles
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def save(request: Request) -> JSONResponse:
    number, article = request.path_params["number"], await request.json()
    return JSONResponse(articles.save(number, article["title"], article["text"]))


def search(request: Request) -> JSONResponse:
    return JSONResponse(articles.search(request.query_params["words"]))


api = Starlette(
    routes=[
        Route("/articles/{number:int}", save, methods=["PUT"]),
        Route("/search", search),
    ]
)
app = PostludeMiddleware(api)
