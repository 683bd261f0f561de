"""Jobs by their id."""

from __future__ import annotations

from postlude import BackgroundTask
from postlude._history import History
from postlude._job import Job


def job(task_id: str) -> Job:
    task = BackgroundTask(int)
    return Job(task.with_options(task_id=task_id))


def test_what_has_not_ended_is_never_forgotten() -> None:
    history = History(2)
    jobs = [job(str(number)) for number in range(10)]
    for each in jobs:
        history.begin(each)
    for each in jobs[1:]:
        history.end(each)
    assert [number for number in range(10) if history.get(str(number))] == [0, 8, 9]


def test_an_id_that_is_given_again_belongs_to_the_later_job() -> None:
    history = History(1)
    first, second = job("same"), job("same")
    history.begin(first)
    history.end(first)
    history.begin(second)
    assert history.get("same") is second
    history.end(second)
    assert history.get("same") is second
