import staff
from litestar import Litestar, delete
from litestar.exceptions import PermissionDeniedException
from postlude import PostludeMiddleware


@delete("/users/{user_id:int}", status_code=200)
async def delete_user(user_id: int) -> dict[str, str]:
    try:
        staff.delete(user_id)
    except PermissionError as error:
        raise PermissionDeniedException(str(error)) from error
    return {"message": "Deleted"}


app = PostludeMiddleware(Litestar([delete_user], logging_config=None))
