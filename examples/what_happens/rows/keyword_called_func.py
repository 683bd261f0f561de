"""Can the function of a task have a keyword that is called `func`?"""

from examples.what_happens.lab import Lab

NUMBER = "B47"
THEME = "injection"
USES = ("keyword",)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/keyword")
        if answer.status == 200:
            await server.told("the task explains print")
            return "yes"
        assert answer.status == 500, answer
        why = "multiple values for argument 'func'"
        if why not in answer.body.decode():
            lab.note(await server.printed(why), who="server")
    return "no, the client gets 500"
