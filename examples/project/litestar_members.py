from bookshop.members.tasks import welcome
from litestar import Router, post
from postlude import current_tasks


@post()
async def add_member(email: str) -> dict[str, str]:
    current_tasks().add_task(welcome, email)
    return {"added": email}


router = Router("/members", route_handlers=[add_member])
