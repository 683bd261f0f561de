"""Trials that do not hold any more are run again, and only those: does the same come of them?"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from proofread._settings import Settings, words_of
from proofread.experiments import Trial, read_record

TAIL = 20


class Trials:
    """Those of the experiments that pages are about."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._settings = settings
        self._records = root / settings.experiments
        self._memory = root / "build" / "experiments"
        self._said: dict[str, list[str]] | None = None
        self.ran = 0

    def differences(self, name: str, names: Iterable[str]) -> list[str]:
        """What came out otherwise for one experiment; all of `names` are run the first time."""
        if self._said is None:
            self._said = self._run_again(sorted({name, *names}))
        return self._said.get(name, [])

    def _run_again(self, names: list[str]) -> dict[str, list[str]]:
        read: dict[str, bytes] = {}
        stale = {name: subjects for name in names if (subjects := [*self._stale(name, read)])}
        if not stale:
            return {}
        asked = [f"{name}:{subject}" for name, subjects in stale.items() for subject in subjects]
        self.ran = len(asked)
        ended = subprocess.run(
            [*words_of(self._settings.experiment), "--to", str(self._memory), *asked],
            cwd=self._root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        printed = "\n".join(ended.stdout.splitlines()[-TAIL:])
        return {name: [*self._compared(name, stale[name], printed)] for name in stale}

    def _stale(self, name: str, read: dict[str, bytes]) -> Iterator[str]:
        """The subjects whose trial neither the record holds nor a run since then."""
        since = read_record(self._memory / f"{name}.json")
        for subject, kept in read_record(self._records / f"{name}.json").items():
            again = since.get(subject)
            changed = kept.changes(self._root, read=read)
            if changed and not (again and self._is_same(again, kept, read)):
                yield subject

    def _is_same(self, again: Trial, kept: Trial, read: dict[str, bytes]) -> bool:
        return again.value == kept.value and not again.changes(self._root, read=read)

    def _compared(self, name: str, subjects: list[str], printed: str) -> Iterator[str]:
        since = read_record(self._memory / f"{name}.json")
        kept = read_record(self._records / f"{name}.json")
        for subject in subjects:
            old, new = kept[subject], since.get(subject)
            changed = "; ".join(old.changes(self._root))
            if new is None or new.changes(self._root):
                yield (
                    f"The experiment {name!r} with {subject} does not run any more. Changed:"
                    f" {changed}.\n{printed}"
                )
            elif new.value != old.value:
                yield (
                    f"The experiment {name!r} with {subject} comes to another value:\n"
                    f"  kept: {_told(old)}\n  came: {_told(new)}\n"
                    f"  seen: {' | '.join(new.seen)}\n  changed: {changed}\n"
                    "  Look at what the page says of it, then keep the new value:"
                    f" {self._settings.experiment_keep}"
                )


def _told(trial: Trial) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in trial.versions.items())
    return f"{trial.value!r} (on {versions}, Python {trial.python})"
