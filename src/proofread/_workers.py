"""The workers that a page can start: how each is called, and what it prints of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofread._chatter import Chatter


@dataclass(frozen=True, slots=True)
class Kind:
    """One program that takes work from a broker until it is stopped."""

    chatter: Chatter
    up: str
    """What it prints once it takes work, as a pattern."""
    quiet: str = ""
    """What it prints last before, where it says the other only if it is told to say more."""
    then: str = ""
    """What it may print right after that, at its first start over a broker."""
    times: Callable[[Sequence[str]], int] = lambda argv: 1
    """How often: some have several processes that do so."""

    def ready(self, argv: Sequence[str]) -> str:
        """What this very command prints when it is up."""
        talks = {"info", "debug"} & {word.rpartition("=")[2].lower() for word in argv}
        return self.up if talks or not self.quiet else self.quiet


def _option(argv: Sequence[str], names: Sequence[str], default: int) -> int:
    for word, value in zip(argv, [*argv[1:], ""], strict=True):
        name, equals, rest = word.partition("=")
        given = rest if equals else value
        if name in names and given.isdigit():
            return int(given)
    return default


AT = r"\d\d:\d\d:\d\d"
RQ = rf"{AT} Worker \S+(?: \[PID {{pid}}\])?: "
CELERY = r"\[[\d-]+ [\d:,]+: INFO/MainProcess\] "
TASKIQ = r"\[[\d-]+ [\d:,]+\]\[taskiq\.[\w.-]+\]\[INFO\s*\]\[[\w-]+\] "

KINDS: Mapping[str, Kind] = {
    "celery": Kind(
        Chatter(
            around=(
                (
                    r".*: SecurityWarning: You're running the worker with .*",
                    r"  warnings\.warn\(.*",
                ),
                (r" -------------- \S+@\S+ v\S+ \(.*\)", r" -------------- \[queues\]"),
            ),
            anywhere=(
                r"\s*",
                r" +\.> .* exchange=.* key=.*",
                r"  \. [\w.]+",
                r"\[tasks\]",
                CELERY + r"Connected to .*",
                CELERY + r"mingle: .*",
                CELERY + r"sync with \S+",
                CELERY + r"missed heartbeat from \S+",
                CELERY + r"\S+@\S+ ready\.",
                r"worker: (?:Warm|Cold) shutdown \(MainProcess\)",
            ),
        ),
        up=r"\S+@\S+ ready\.$",
        quiet=r"^ +\.> .* key=\S+$",
    ),
    "rq": Kind(
        Chatter(
            anywhere=(
                RQ + r"started with PID {pid}, version \S+",
                RQ + r"subscribing to channel \S+",
                RQ + r"cleaning registries for queue: \S+",
                RQ + r"cleaning group registries",
                RQ + r"warm shut down requested",
                RQ + r"unsubscribing from channel \S+",
                RQ + r"stopp(?:ed|ing on request)",
                rf"{AT} \*\*\* Listening on .*\.\.\.",
                rf"{AT} Acquired scheduler lock for \S+",
                rf"{AT} Scheduler for .* started with PID \d+",
                rf"{AT} Scheduler stopping, releasing locks for .*\.\.\.",
                rf"{AT} Scheduler with PID \d+ has stopped",
            ),
        ),
        # Earlier it does not heed a signal yet, and while it logs it swallows one.
        up=r"cleaning registries for queue: ",
        then=r"cleaning group registries$",
    ),
    "taskiq": Kind(
        Chatter(
            anywhere=(
                TASKIQ + r"Pid of a main process: \d+",
                TASKIQ + r"Starting \d+ worker process(?:es)?\.",
                TASKIQ + r"(?:Started|Stopped) process worker-\d+ with pid \d+\s*",
                TASKIQ + r"Listening started\.",
                TASKIQ + r"Workers are scheduled for shutdown\.",
                TASKIQ + r"Stopping prefetching messages\.\.\.",
                TASKIQ + r"The runner is stopped\.",
                TASKIQ + r"Shutting down the broker\.",
            ),
        ),
        up=r"Listening started\.",
        times=lambda argv: _option(argv, ("-w", "--workers"), 2),
    ),
    "procrastinate": Kind(
        Chatter(
            anywhere=(
                r"Launching a worker on .*",
                r"INFO:procrastinate\.worker\.worker:(?:Starting|Stopped) worker on .*",
                r"INFO:procrastinate\.worker\.worker:Stop requested",
                r"INFO:procrastinate\.worker\.worker:Waiting for job to finish: .*",
                r"INFO:procrastinate\.periodic:No periodic task found, .*",
            ),
        ),
        up=r"Starting worker on",
    ),
}


def all_kinds(own: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Kind]:
    """All of them, with those of a project's settings."""
    return {
        **KINDS,
        **{
            name: Kind(Chatter(anywhere=tuple(says.get("chatter", ()))), up=str(says["ready"]))
            for name, says in own.items()
        },
    }
