from fastapi import BackgroundTasks, FastAPI, WebSocket
from postlude.frameworks.fastapi import Tasks

app = FastAPI()


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@app.websocket("/talk")
async def talk(socket: WebSocket, native: BackgroundTasks, tasks: Tasks) -> None:
    native.add_task(write_audit, "BackgroundTasks")
    tasks.add_task(write_audit, "Tasks")
    await socket.accept()
    await socket.send_text("good bye")
    await socket.close()
    print("the socket is closed")
