"""The rehearsal: every section once with nothing changed, which says where each of them comes by.

What is known of a section holds while its blocks and the files that it came by are the same.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import itertools
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proofread._model import Result
from proofread._scene import Scene
from proofread._settings import Limits
from proofread._twin import Twin
from proofread._workers import Kind

SLOWER = 4
"""How many times as long everything may take while it leaves a trail."""


class Rehearsal:
    """What is known of the sections, and is kept for the next time."""

    def __init__(self, kept: Path, package: Path) -> None:
        self._kept = kept
        self._package = package
        self._known: dict[str, dict[str, Any]] = (
            json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        )

    def recall(self, scene: Scene) -> bool:
        """Tell a section what is known of it, if that still holds."""
        known = self._known.get(scene.key)
        if known is None or known["world"] != self._world(known["files"]):
            return False
        scene.seconds, scene.steps = known["seconds"], frozenset(known["steps"])
        return True

    def remember(self, scene: Scene) -> None:
        files = scene.files()
        self._known[scene.key] = {
            "world": self._world(files),
            "files": files,
            "seconds": scene.seconds,
            "steps": sorted(scene.steps),
        }

    def keep(self, scenes: Sequence[Scene]) -> None:
        """Write down what is known of these."""
        wanted = {scene.key for scene in scenes}
        known = {key: value for key, value in self._known.items() if key in wanted}
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text(json.dumps(known), encoding="utf-8")

    def _world(self, files: Sequence[str]) -> str:
        seen = hashlib.sha256()
        for name in files:
            file = self._package / name
            seen.update(file.read_bytes() if file.exists() else b"")
        return seen.hexdigest()


def rehearse(
    scenes: Sequence[Scene],
    twin: Twin,
    root: Path,
    limits: Limits,
    *,
    workers: Mapping[str, Kind],
    at_once: int,
) -> list[tuple[Scene, list[Result]]]:
    """Run them all; returns those that do not pass, with what they came to."""
    patient = Limits(block=SLOWER * limits.block, log=SLOWER * limits.log)
    numbers = itertools.count()

    def wrong_of(scene: Scene) -> list[Result]:
        own = root / str(next(numbers))
        began = time.perf_counter()
        results = scene.run(twin, own, patient, workers=workers)
        scene.seconds = time.perf_counter() - began
        scene.read_trail(own)
        shutil.rmtree(own, ignore_errors=True)
        return [result for result in results if not result.passed]

    order = sorted(scenes, key=lambda scene: len(scene.section.blocks), reverse=True)
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        failed = [s for s, wrong in zip(order, pool.map(wrong_of, order), strict=True) if wrong]
    # What fails in company may pass alone.
    return [(scene, wrong) for scene in failed if (wrong := wrong_of(scene))]
