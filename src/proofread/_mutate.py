"""Change what a package shows of itself, one slip at a time: a block of the site must fail."""

from __future__ import annotations

import concurrent.futures
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from proofread._config import read_site
from proofread._ordeal import Fate, Ordeal, package_of
from proofread._sandbox import Sandbox
from proofread._settings import Settings
from proofread._surface import Mutant
from proofread._survivors import read_reasons, stale

LISTS = """
import importlib, json, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
own = []
for name, module in sys.modules.items():
    spec = getattr(module, "__spec__", None)
    loader = type(getattr(spec, "loader", None)).__name__
    if name not in before and loader in ("SourceFileLoader", "ExtensionFileLoader"):
        own.append(name)
print(json.dumps(own))
"""


def mutate(asked: Sequence[str], *, fresh: bool = False, again: bool = False) -> int:
    """Make all changes, or those whose names begin so; the exit status."""
    began = time.perf_counter()
    site = read_site(Path.cwd())
    file = site.root / site.settings.survivors if site.settings.survivors else None
    reasons = read_reasons(file)
    with Sandbox(preload(site.settings, package_of(site).name)) as sandbox:
        ordeal = Ordeal(site, sandbox)
        try:
            if wrong := ordeal.rehearse(fresh=fresh):
                print("\n\n".join(["These do not pass with nothing changed:", *wrong]))
                return 2
            seconds = time.perf_counter() - began
            print(f"{len(ordeal.scenes)} sections rehearsed: {seconds:.0f} s.", flush=True)
            status = _judged(ordeal, asked, reasons, again=again)
        finally:
            ordeal.close()
    print(f"{time.perf_counter() - began:.0f} s in all.")
    return status


def preload(settings: Settings, package: str) -> list[str]:
    """What to import for all pages, and in the package's own stead what it imports."""

    def is_own(name: str) -> bool:
        return f"{name}.".startswith(f"{package}.")

    names = settings.preload_of(())
    command = [sys.executable, "-c", LISTS, *filter(is_own, names)]
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    beneath: list[str] = json.loads(listed.stdout)
    return [name for name in [*names, *beneath] if not is_own(name)]


def _judged(
    ordeal: Ordeal, asked: Sequence[str], reasons: Mapping[str, str], *, again: bool
) -> int:
    kept = ordeal.site.root / "build" / "mutants.json"
    last: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    chosen = [mutant for mutant in ordeal.mutants if _is_asked(mutant.name, asked)]
    fates = _fates(ordeal, [m for m in chosen if not (again and last.get(m.name))], reasons)
    killers = {fate.mutant.name: fate.killer for fate in fates}
    kept.write_text(json.dumps({**last, **killers}, indent=1), encoding="utf-8")
    told = [fate for fate in fates if not fate.killer and fate.mutant.name not in reasons]
    places = {place.name: place for place in ordeal.unused()}
    used = [place.name for place in ordeal.places if place.name not in places]
    old = stale(
        reasons,
        noticed=[*used, *(name for name, killer in killers.items() if killer)],
        known=[*(mutant.name for mutant in ordeal.mutants), *used, *places],
    )
    print(_table(fates))
    _tell(ordeal, told)
    explained = sum(not fate.killer for fate in fates) - len(told)
    if explained:
        print(f"\nExplained in {ordeal.site.settings.survivors}: {explained}.")
    unused = [p for p in places.values() if _is_asked(p.name, asked) and p.name not in reasons]
    pages = [str(place.page.relative_to(ordeal.site.root)) for place in unused]
    if unused:
        print("\nNo block uses:")
        print("\n".join(f"  {p.name}  ({page})" for p, page in zip(unused, pages, strict=True)))
    if old:
        print("\n".join(["\nReasons that hold no more:", *old]))
    return 1 if told or unused or old else 0


def _is_asked(name: str, asked: Sequence[str]) -> bool:
    return not asked or any(name.startswith(start) for start in asked)


def _fates(ordeal: Ordeal, mutants: Sequence[Mutant], reasons: Mapping[str, str]) -> list[Fate]:
    fates: dict[str, Fate] = {}
    with concurrent.futures.ThreadPoolExecutor(ordeal.at_once) as pool:
        under_way = [pool.submit(ordeal.fate, m, may_survive=m.name in reasons) for m in mutants]
        try:
            for done in concurrent.futures.as_completed(under_way):
                fate = done.result()
                fates[fate.mutant.name] = fate
                if len(fates) % 50 == 0:
                    print(f"{len(fates)} of {len(mutants)} changes", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            ordeal.stop()
            raise
    return [fates[mutant.name] for mutant in mutants]


def _table(fates: Sequence[Fate]) -> str:
    """By kind of change, how many were made, were noticed and survived."""
    made = Counter(fate.mutant.slip.kind for fate in fates)
    noticed = Counter(fate.mutant.slip.kind for fate in fates if fate.killer)
    rows = [("change", "made", "noticed", "survived")]
    rows += [(k, str(made[k]), str(noticed[k]), str(made[k] - noticed[k])) for k in made]
    total, killed = made.total(), noticed.total()
    rows.append(("all", str(total), str(killed), str(total - killed)))
    return "\n".join(f"{row[0]:<12}{row[1]:>8}{row[2]:>9}{row[3]:>10}" for row in rows)


def _tell(ordeal: Ordeal, survivors: Sequence[Fate]) -> None:
    if survivors:
        print("\nNo block notices:")
    for fate in survivors:
        page, *others = ordeal.pages(fate.mutant)
        also = f", or {' or '.join(others[:2])}" if others else ""
        number = "1 section" if len(fate.asked) == 1 else f"{len(fate.asked) or 'no'} sections"
        print(f"  {fate.mutant.name}\n      {number} came by; tell of it on {page}{also}")
