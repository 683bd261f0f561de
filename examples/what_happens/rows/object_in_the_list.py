"""What happens to a callable object that is put into the list of a group?"""

from examples.what_happens.lab import Lab

NUMBER = "B49"
THEME = "injection"
USES = ("foreign",)
NOT_APPLICABLE = {"Velithon": "Its group has no list that can be reached."}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/foreign")
        assert answer.status == 200, answer
        if await server.tells("the newsletter is sent"):
            return "it is called"
        await server.printed("AttributeError")
        error = server.tracebacks()[-1]
    lab.note(f"traceback, {error}", who="server")
    return f"an {error.partition(':')[0]} after the response"
