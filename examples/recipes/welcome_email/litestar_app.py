from dataclasses import dataclass
from typing import Any

from accounts import register
from litestar import Litestar, post
from postlude import PostludeMiddleware


@dataclass
class NewUser:
    email: str
    password: str


@post("/register", sync_to_thread=True)
def register_user(data: NewUser) -> dict[str, Any]:
    return register(data.email, data.password)


app = PostludeMiddleware(Litestar([register_user], logging_config=None))
