"""The tasks of one request, kept until its response is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._current import open_request
from postlude._dispatch import dispatch, engine_for, sending
from postlude._diversion import diversions
from postlude._job import Job
from postlude._lane import GroupLane
from postlude._report import Report, logger
from postlude._task import BackgroundTask
from postlude._tasks import BackgroundTasks
from postlude.errors import NoActiveRequest

if TYPE_CHECKING:
    from postlude._events import Audience
    from postlude._pool import Pool


# As a tuple: a union would be made anew each time it is asked for.
_WORK = (BackgroundTask, BackgroundTasks)


class OpenRequest:
    """Holds tasks and groups, each once, and hands them to a pool when it is released.

    Attributes:
        taker: The pool.
        failed: Whether it seems to have failed: its handler raised, or the status says so.
        over: Whether its last code has run.
        refused: Whether it was answered that its tasks could not be stored.
        released: Whether the response is out.
        trailers: Whether more follows the body.
    """

    __slots__ = (
        "_dropped",
        "_drops",
        "_group",
        "_held",
        "_inline",
        "_lanes",
        "_left",
        "_sent",
        "failed",
        "over",
        "refused",
        "released",
        "taker",
        "trailers",
    )

    def __init__(self, pool: Pool, drops: bool = False) -> None:
        """Open; `drops` tells what becomes of the tasks of a request that failed."""
        self.taker = pool
        self._drops = drops
        self.failed = self.released = self.trailers = self.over = self.refused = False
        self._dropped = self._inline = False
        self._group: BackgroundTasks | None = None
        self._held: list[BackgroundTask | BackgroundTasks] = []
        self._lanes: dict[int, GroupLane] | None = None
        self._left: list[BackgroundTask | BackgroundTasks] | None = None
        # What an engine has already, or must not get: by the id of the work, the places in it.
        self._sent: dict[int, set[int]] = {}

    @property
    def has_left(self) -> bool:
        """Whether something found no room, and is to run in `finish`."""
        return self._left is not None

    def tasks(self) -> BackgroundTasks:
        """The request's own group, in which tasks run although it is attached to nothing."""
        if self._group is None:
            self._group = BackgroundTasks()
            self._group.used = True
            self._group.followers.append(self)
            self._keep(self._group)
        return self._group

    def hold(self, work: object) -> bool:
        """Keep a task or a group for after the response; `False`: run it where you are."""
        if self._inline or not isinstance(work, _WORK):
            return False
        held = self._held
        if held and any(work is one for one in held):
            self._see(work)
            return True
        if not self.taker.is_open:
            return False
        if self.released and not diversions:
            if not self._has_room_for(work):
                return False
            held.append(work)
            self._hand_over(work)
        else:
            self._keep(work)
        return True

    def notice(self) -> None:
        """A task was added to the request's own group; in any thread.

        Raises:
            NoActiveRequest: The request is over, and nobody is there to run it.
        """
        if self._group is None or not self.released:
            return
        lane = self._lanes.get(id(self._group)) if self._lanes else None
        if self._dropped:
            _say_dropped(self._group.tasks[-1], self.taker.audience)
        elif lane is not None and (self.taker.is_open or not self.over):
            lane.notice()
        elif self.over:
            raise NoActiveRequest(
                "a task was added to the group of a request that is over: add it before the "
                "response, or write `await task.submit()`"
            )

    def release(self) -> None:
        """Let everything go, now that the response is out; what finds no room stays."""
        if self.released:
            return
        self.released = True
        drop = self._dropped = self._drops and self.failed
        for work in self._held:
            if drop:
                _say_dropped(work, self.taker.audience)
            else:
                self._let_go(work)

    def sends(self) -> bool:
        """Whether something is to be stored before the response."""
        for work in self._held:
            for task in _tasks_of(work):
                if engine_for(task, self.taker.engine) is not None:
                    return not (self._drops and self.failed) and not diversions
        return False

    async def send(self) -> None:
        """Hand over what goes to an engine, so that the response can say that it is stored.

        Raises:
            EngineUnavailable: An engine could not take a task.
            StoreUnusable: A store's file is damaged, or no store.
            NotDispatchable: A task cannot leave the process.
        """
        for work in tuple(self._held):
            sent = self._sent.setdefault(id(work), set())
            for place, task in enumerate(_tasks_of(work)):
                engine = engine_for(task, self.taker.engine)
                if engine is not None and place not in sent:
                    await dispatch(task, engine)
                    sent.add(place)

    def refuse(self) -> None:
        """It is answered that tasks could not be stored: those that are not must not be later."""
        self.failed = self.refused = True
        for work in self._held:
            sent = self._sent.setdefault(id(work), set())
            for place, task in enumerate(_tasks_of(work)):
                if place in sent or engine_for(task, self.taker.engine) is None:
                    continue
                sent.add(place)
                if not self._drops:  # else `release` says it
                    Job(task, audience=self.taker.audience).cancel("it could not be stored")

    async def finish(self) -> None:
        """Run what found no room, here, so that whoever asks next has to wait."""
        self._inline = True
        left = self._left or []
        try:
            while left:
                await left[0]()
                del left[0]
        finally:
            self.close()
            for work in left[1:]:
                _say_lost(work, self.taker.audience)

    def close(self) -> None:
        """Its last code has run."""
        self._inline = self.over = True
        # A task's context leads back here: without this, each request would be garbage that
        # only the collector of cycles can free.
        self._held.clear()

    def _keep(self, work: BackgroundTask | BackgroundTasks) -> None:
        self._held.append(work)
        if self.released:
            self._let_go(work)

    def _let_go(self, work: BackgroundTask | BackgroundTasks) -> None:
        # What an engine has in part must not be begun anew.
        if not diversions and (self._sent.get(id(work)) or self._has_room_for(work)):
            self._hand_over(work)
        elif self._left is None:
            self._left = [work]
        else:
            self._left.append(work)

    def _has_room_for(self, work: BackgroundTask | BackgroundTasks) -> bool:
        if isinstance(work, BackgroundTask):
            return self.taker.has_room_for(work)
        return self.taker.has_room

    def _hand_over(self, work: BackgroundTask | BackgroundTasks) -> None:
        sent = self._sent.get(id(work), frozenset[int]())
        if isinstance(work, BackgroundTask):
            if not sent:
                engine = engine_for(work, self.taker.engine)
                local = work if engine is None else sending(work, engine)
                self.taker.put(Job(local, None, self.taker.audience))
            return
        if self._lanes is None:
            self._lanes = {}
        lane = self._lanes[id(work)] = GroupLane(self.taker, work, sent)
        lane.notice()

    def _see(self, work: object) -> None:
        lane = self._lanes.get(id(work)) if self._lanes else None
        if lane is not None:
            lane.notice()


def current_tasks() -> BackgroundTasks:
    """The group of the open request, from anywhere below its handler.

    A service, a dependency or a function in a thread adds to it, and the tasks run when the
    response is out, also if the handler raised. It needs `PostludeMiddleware`.

    Returns:
        The request's own group, the same one for the whole request; it is attached to nothing and
        must not be.

    Raises:
        NoActiveRequest: No request is open here, or the middleware is not installed.

    Example:
        ```python
        import asyncio

        import httpx
        from postlude import PostludeMiddleware, TaskRunner, current_tasks
        from starlette.applications import Starlette
        from starlette.requests import Request
        from starlette.responses import PlainTextResponse
        from starlette.routing import Route


        async def count_visit(page: str) -> None:
            print("counted", page)


        def greet() -> str:  # knows nothing of requests or responses
            current_tasks().add_task(count_visit, "/home")
            return "Welcome"


        async def home(request: Request) -> PlainTextResponse:
            return PlainTextResponse(greet())


        runner = TaskRunner()
        app = PostludeMiddleware(Starlette(routes=[Route("/home", home)]), runner)


        async def main() -> None:
            transport = httpx.ASGITransport(app)
            async with (
                runner,
                httpx.AsyncClient(transport=transport, base_url="http://test") as client,
            ):
                print((await client.get("/home")).text)


        asyncio.run(main())
        ```

        ```text title="Output"
        Welcome
        counted /home
        ```
    """
    request = open_request.get()
    if not isinstance(request, OpenRequest) or request.over:
        raise NoActiveRequest(
            "no request is open here: call current_tasks() while a request is handled, with the "
            "application wrapped in PostludeMiddleware"
        )
    return request.tasks()


def _tasks_of(work: BackgroundTask | BackgroundTasks) -> list[BackgroundTask]:
    return [work] if isinstance(work, BackgroundTask) else work.tasks


def _say_dropped(work: BackgroundTask | BackgroundTasks, audience: Audience) -> None:
    for task in _tasks_of(work):
        Job(task, audience=audience).cancel("it was dropped, since the request failed")
        logger.info("task %r was dropped, since the request failed", task.name)


def _say_lost(work: BackgroundTask | BackgroundTasks, audience: Audience) -> None:
    for task in _tasks_of(work):
        reason = "the request that it had to run in was cancelled"
        outcome = Job(task, audience=audience).cancel(reason)
        Report(task, task_id=outcome.task_id, attempt=0, duration=0.0).loss(reason)
