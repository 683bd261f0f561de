from extras import draw_avatar, subscribe
from mail import send_email
from postlude import current_tasks
from records import count_members, log_event


def greet(user_id: int, email: str) -> None:
    body = f"You are member {user_id}."
    tasks = current_tasks()
    tasks.add_task(send_email, email, subject="Welcome!", body=body)
    tasks.add_task(send_email, "admin@example.com", subject="New member", body=email)
    tasks.add_task(log_event, f"member {user_id} registered")
    tasks.add_task(count_members)
    tasks.add_task(subscribe, email)
    tasks.add_task(draw_avatar, user_id)
