from dataclasses import dataclass

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTask, after_response


@dataclass
class User:
    name: str


class Visits:
    total = 0


def audit(level: str, visits: int) -> None:
    print(f"{level} task: {visits} visits")


@post("/users")
@after_response(BackgroundTask(audit, "handler's", Visits.total))
async def create_user(data: User) -> Response[dict[str, str]]:
    Visits.total += 1
    task = BackgroundTask(audit, "response's", Visits.total)
    return Response({"created": data.name}, background=task)


app = Litestar([create_user])
