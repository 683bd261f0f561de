import staff
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def delete_user(request: Request) -> JSONResponse:
    try:
        staff.delete(request.path_params["user_id"])
    except PermissionError as error:
        raise HTTPException(403, str(error)) from error
    return JSONResponse({"message": "Deleted"})


route = Route("/users/{user_id:int}", delete_user, methods=["DELETE"])
app = PostludeMiddleware(Starlette(routes=[route]))
