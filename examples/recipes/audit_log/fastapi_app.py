import staff
from fastapi import FastAPI, HTTPException
from postlude import PostludeMiddleware

api = FastAPI()


@api.delete("/users/{user_id}")
async def delete_user(user_id: int) -> dict[str, str]:
    try:
        staff.delete(user_id)
    except PermissionError as error:
        raise HTTPException(403, str(error)) from error
    return {"message": "Deleted"}


app = PostludeMiddleware(api)
