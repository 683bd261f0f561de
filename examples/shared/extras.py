import asyncio
import time


async def subscribe(email: str) -> None:
    print(f"asking the newsletter to take {email}")
    await asyncio.sleep(1.5)  # the newsletter's server
    print(f"the newsletter has taken {email}")


def draw_avatar(user_id: int) -> None:
    print(f"drawing the avatar of member {user_id}")
    time.sleep(1.5)  # the picture
    print(f"drew the avatar of member {user_id}")
