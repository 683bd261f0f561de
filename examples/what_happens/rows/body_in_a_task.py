"""Can a task read the body of its request?"""

from examples.what_happens.lab import Lab

NUMBER = "B39"
THEME = "requests"
USES = ("body",)
ANSWERS = {
    (True, True): "yes",
    (False, True): "only if its handler has read it",
    (False, False): "no",
}


async def scenario(lab: Lab) -> str:
    read: list[bool] = []
    for path in ("/unread", "/read-before"):
        async with lab.serving() as server:
            json = {"content-type": "application/json"}
            answer = await server.send("POST", path, headers=json, body=b'{"name": 12}')
            assert answer.status in {200, 201}, answer
            await server.told("task ends")
            read.append(server.count("the task reads 12 bytes") == 1)
    return ANSWERS[read[0], read[1]]
