from bookshop.members.tasks import welcome
from fastapi import APIRouter
from postlude import current_tasks

router = APIRouter(prefix="/members")


@router.post("", status_code=201)
async def add_member(email: str) -> dict[str, str]:
    current_tasks().add_task(welcome, email)
    return {"added": email}
