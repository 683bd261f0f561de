"""Which parts of its request can a task read, a second after the response?"""

from examples.what_happens.lab import Lab

NUMBER = "B38"
THEME = "requests"
USES = ("facts",)
FACTS = ("method GET", "path /facts", "query 7", "header ada", "client 127.0.0.1")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.send("GET", "/facts?page=7", headers={"x-name": "ada"})
        assert answer.status == 200, answer
        await server.tells(FACTS[-1], within=5)
        missing = [fact.split()[0] for fact in FACTS if not server.count(fact)]
    if not missing:
        return "all that were asked for"
    return f"all but the {', the '.join(missing)}"
