async def welcome(email: str) -> None:
    print(f"welcome, {email}")
