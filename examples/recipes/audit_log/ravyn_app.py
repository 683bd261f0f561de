import staff
from postlude import PostludeMiddleware
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, delete


@delete("/users/{user_id}", status_code=200)
async def delete_user(user_id: int) -> JSONResponse:
    try:
        staff.delete(user_id)
    except PermissionError as error:
        raise HTTPException(status_code=403, detail=str(error)) from error
    return JSONResponse({"message": "Deleted"})


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=delete_user)]))
