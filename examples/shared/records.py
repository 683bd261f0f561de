from members import members


def log_event(event: str) -> None:
    print(f"event: {event}")


def count_members() -> None:
    print(f"members: {len(members)}")
