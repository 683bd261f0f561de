from audit import audit

users = {1: "ada, the admin", 2: "bob", 3: "cleo"}


def delete(user_id: int) -> None:
    audit("delete_user", user_id)
    if user_id == 1:
        raise PermissionError("the admin stays")
    users.pop(user_id, None)
