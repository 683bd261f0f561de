"""Can a task read a file that was uploaded?"""

from examples.what_happens.lab import Lab

NUMBER = "B40"
THEME = "dependencies"
USES = ("upload",)
BODY = (
    b"--limit\r\n"
    b'Content-Disposition: form-data; name="data"; filename="notes.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n"
    b"twelve bytes\r\n"
    b"--limit--\r\n"
)


async def scenario(lab: Lab) -> str:
    form = {"content-type": "multipart/form-data; boundary=limit"}
    async with lab.serving() as server:
        answer = await server.send("POST", "/upload", headers=form, body=BODY)
        assert b"notes.txt" in answer.body, answer
        await server.told("task ends")
        if server.count("the task reads 12 bytes"):
            return "yes"
        assert server.count("the task gets ValueError"), server.told_lines
    return "no, it is closed"
