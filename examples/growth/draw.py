from hashlib import sha256
from pathlib import Path

import outage
import sharing
import storm
import waiting
from chart import SCHEMES, Line, chart


def waits() -> list[Line]:
    found = waiting.rows()
    return [
        ("average", [(100 * busy, round(mean, 2)) for busy, _, mean, _ in found]),
        ("slowest 5%", [(100 * busy, round(slow, 2)) for busy, *_, slow in found]),
    ]


def rates() -> list[Line]:
    names = ("a commit each", "shared commits", "a broker")
    columns = zip(*sharing.rows(), strict=True)
    processes, *found = columns
    return [
        (name, [*zip(processes, column, strict=True)])
        for name, column in zip(names, found, strict=True)
    ]


def calls() -> list[Line]:
    return [
        (name, [*enumerate(storm.Story(policy).calls)])
        for name, policy in storm.POLICIES.items()
    ]


def queues() -> list[Line]:
    stories = [outage.Story(hold) for hold in outage.HOLDS]
    return [(story.hold, [*enumerate(story.waiting)]) for story in stories]


FIGURES = {
    "waiting": ("The wait explodes", "busy (%)", "wait (s)", waits(), 1.2),
    "sharing": ("Who shares what", "processes", "tasks a second", rates(), 2400),
    "storm": ("A retry storm", "time (s)", "calls a second", calls(), 1500),
    "outage": ("A broker is away", "time (s)", "tasks waiting", queues(), 1600),
}

for name, (title, x, y, lines, highest) in FIGURES.items():
    for scheme in SCHEMES:
        drawn = chart(title, x=x, y=y, lines=lines, highest=highest, scheme=scheme)
        Path(f"{name}-{scheme}.svg").write_text(drawn)
        print(f"{name}-{scheme}.svg", sha256(drawn.encode()).hexdigest()[:16])
