from typing import Annotated

import staff
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon
from velithon.params import Path
from velithon.responses import JSONResponse

api = Velithon()


@api.delete("/users/{user_id}")
async def delete_user(user_id: Annotated[int, Path()]) -> JSONResponse:
    try:
        staff.delete(user_id)
    except PermissionError as error:
        return JSONResponse({"detail": str(error)}, status_code=403)
    return JSONResponse({"message": "Deleted"})


app = PostludeMiddleware(api)
