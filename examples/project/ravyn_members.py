from bookshop.members.tasks import welcome
from postlude import current_tasks
from ravyn import Gateway, JSONResponse, post


@post("/members")
async def add_member(email: str) -> JSONResponse:
    current_tasks().add_task(welcome, email)
    return JSONResponse({"added": email}, status_code=201)


routes = [Gateway(handler=add_member)]
