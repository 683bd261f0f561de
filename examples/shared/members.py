members: list[str] = []


def add_member(email: str) -> int:
    members.append(email)
    print(f"added {email}")
    return len(members)
