"""Rounds of `kill -9` over producers and workers: `python tests/durability/rounds.py 200`.

What `put` confirmed runs at least once, nothing runs in two places at one time, and a task that
kills its worker each time ends as a dead letter.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import anyio
from postlude import SQLiteStore

WORK = Path(__file__).with_name("work.py")
# So long the rest may take to be worked off at the end, in seconds.
PATIENCE = 120.0


class Rounds:
    """A directory with a store, and the processes that use it.

    Attributes:
        kills: How many processes were killed, those that a poisonous task killed apart.
        poisons: The names of the poisonous tasks.
    """

    def __init__(self, directory: Path, seed: int) -> None:
        """Begin with a producer and two workers."""
        self.directory = directory
        self.kills = 0
        self.poisons: list[str] = []
        self._deaths: dict[int, float] = {}
        self._random = random.Random(seed)
        self._produced = 0
        shutil.copy(WORK, directory / "work.py")
        self._processes = {name: self._start(name) for name in ("producer", "worker 1", "worker 2")}

    def play(self, count: int) -> None:
        """Kill one or two of them at a random moment, and start them again; so many times."""
        for number in range(count):
            if number % 20 == 5:
                self._run("poison", f"poison-{number}")
                self.poisons.append(f"poison-{number}")
            time.sleep(self._random.uniform(0.02, 0.5))
            for name in self._random.sample(
                sorted(self._processes), self._random.choice((1, 1, 2))
            ):
                self._kill(name)
                self._processes[name] = self._start(name)
            self._revive()

    def end(self) -> None:
        """Stop the producer, let the workers finish, and stop them."""
        self._kill("producer")
        del self._processes["producer"]
        deadline = time.monotonic() + PATIENCE
        while self.left() and time.monotonic() < deadline:
            self._revive()
            time.sleep(0.1)
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.communicate(timeout=60)

    def stop(self) -> None:
        """Kill whatever is left."""
        for process in self._processes.values():
            process.kill()
            process.communicate()

    def left(self) -> int:
        """How many tasks wait or run."""
        counts = anyio.run(self._counts)
        return sum(counts[status] for status in ("pending", "running", "retrying"))

    async def _counts(self) -> dict[str, int]:
        async with SQLiteStore(self.directory / "tasks.db") as store:
            return {str(status): number for status, number in (await store.counts()).items()}

    def dead_letters(self) -> dict[str, int]:
        """The names of tasks that are dead letters, and how many workers each took along."""
        return anyio.run(self._dead_letters)

    async def _dead_letters(self) -> dict[str, int]:
        async with SQLiteStore(self.directory / "tasks.db") as store:
            letters = await store.dead_letters()
            return {letter.message.args[0]: letter.crashes for letter in letters if letter.message}

    def verdict(self) -> Verdict:
        """What the ledger says."""
        lines = (self.directory / "ledger.txt").read_text().splitlines()
        return Verdict(lines, self._deaths)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        if name != "producer":
            return self._popen("-m", "postlude", "worker", "work:pool")
        self._produced += 1
        return self._popen("work.py", "produce", f"task-{self._produced}")

    def _popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, *arguments]
        log = (self.directory / "log.txt").open("ab")
        with log:
            return subprocess.Popen(command, cwd=self.directory, stdout=log, stderr=log)

    def _run(self, *arguments: str) -> None:
        command = [sys.executable, "work.py", *arguments]
        subprocess.run(command, cwd=self.directory, check=True, timeout=60)

    def _kill(self, name: str) -> None:
        process = self._processes[name]
        process.kill()
        process.wait()
        self._deaths[process.pid] = time.monotonic()
        self.kills += 1

    def _revive(self) -> None:
        """Start those again that a task has killed."""
        for name, process in list(self._processes.items()):
            if process.poll() is not None:
                self._deaths.setdefault(process.pid, time.monotonic())
                self._processes[name] = self._start(name)


class Verdict:
    """What the ledger says of each task.

    Attributes:
        confirmed: How many tasks were put for certain.
        lost: The names of those that never ran to their end.
        doubled: The names of those that began in one process while another had them.
        repeated: How many began more than once.
    """

    def __init__(self, lines: list[str], deaths: dict[int, float]) -> None:
        """Read it, in the order in which things happened."""
        confirmed, ended = set[str](), set[str]()
        begun: dict[str, list[tuple[float, int]]] = defaultdict(list)
        under_way: dict[str, dict[int, float]] = defaultdict(dict)
        self.doubled: list[str] = []
        for when, word, name, pid in sorted(_read(line) for line in lines):
            if word == "confirmed":
                confirmed.add(name)
            elif word == "begins":
                others = [
                    other
                    for other in under_way[name]
                    if other != pid and deaths.get(other, float("inf")) > when
                ]
                if others:
                    self.doubled.append(name)
                begun[name].append((when, pid))
                if not name.startswith("poison"):  # that is dead before anybody can note when
                    under_way[name][pid] = when
            else:
                ended.add(name)
                under_way[name].pop(pid, None)
        self.confirmed = len(confirmed)
        self.lost = sorted(name for name in confirmed - ended if not name.startswith("poison"))
        self.repeated = sum(len(times) > 1 for times in begun.values())


def _read(line: str) -> tuple[float, str, str, int]:
    when, word, name, pid = line.split()
    return float(when), word, name, int(pid)


def main(count: int, seed: int) -> int:
    """Play so many rounds, and say what came of them."""
    with tempfile.TemporaryDirectory() as directory:
        rounds = Rounds(Path(directory), seed)
        try:
            rounds.play(count)
            rounds.end()
        finally:
            with suppress(Exception):
                rounds.stop()
        verdict, letters = rounds.verdict(), rounds.dead_letters()
        print(
            f"{count} rounds (seed {seed}), {rounds.kills} processes killed: "
            f"{verdict.confirmed} tasks confirmed, {verdict.repeated} began again, "
            f"{len(verdict.lost)} lost, {len(verdict.doubled)} in two places, {rounds.left()} left"
        )
        spared = [*{*rounds.poisons} - {*letters}]
        print(f"dead letters: {letters}, poisonous tasks that are none: {spared}")
        log = Path(directory, "log.txt").read_text()
        locked = log.count("locked")
        print(f"lines in the logs that say 'locked': {locked}")
        for name in (*verdict.lost[:5], *verdict.doubled[:5]):
            print("   ", name)
        return bool(verdict.lost or verdict.doubled or rounds.left() or locked or spared)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()))
