from collections.abc import Sequence
from html import escape

Line = tuple[str, Sequence[tuple[float, float]]]
SCHEMES = {
    "light": ("#1b2530", "#b9c2ca", ("#0b6a67", "#b0481a", "#1a5a96")),
    "dark": ("#e6ebef", "#4a5560", ("#5cc8c2", "#f0945e", "#8ab8e8")),
}
DASHES = ("", "7 4", "2 3")
LEFT, RIGHT, TOP, BOTTOM = 60, 465, 30, 215


def chart(
    title: str, *, x: str, y: str, lines: Sequence[Line], highest: float, scheme: str
) -> str:
    """A drawing of some lines; what is above the highest value is cut off."""
    text, grid, colours = SCHEMES[scheme]
    points = [point for _, line in lines for point in line]
    first, last = min(at for at, _ in points), max(at for at, _ in points)

    def place(at: float, value: float) -> str:
        across = LEFT + (at - first) / (last - first) * (RIGHT - LEFT)
        up = BOTTOM - min(value, highest) / highest * (BOTTOM - TOP)
        return f"{across:.1f},{up:.1f}"

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 290" role="img" '
        f'font-family="sans-serif" font-size="15" fill="{text}">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(described(lines, x=x, y=y))}</desc>",
        f'<text x="6" y="16">{escape(y)}</text>',
        f'<text x="{(LEFT + RIGHT) // 2}" y="234" text-anchor="middle">',
        f"{escape(x)}</text>",
    ]
    for across, at in ((LEFT, first), (RIGHT, last)):
        parts += [f'<text x="{across}" y="234" text-anchor="middle">{at:g}</text>']
    for part in (0, 0.5, 1):
        up = BOTTOM - part * (BOTTOM - TOP)
        parts += [
            f'<path d="M{LEFT} {up:.1f}H{RIGHT}" stroke="{grid}"/>',
            f'<text x="{LEFT - 8}" y="{up + 5:.1f}" text-anchor="end">',
            f"{highest * part:g}</text>",
        ]
    for number, (name, line) in enumerate(lines):
        way = " ".join(place(at, value) for at, value in line)
        look = f'stroke="{colours[number]}" stroke-dasharray="{DASHES[number]}"'
        look += ' stroke-width="3"'
        left = 10 + number * 158
        parts += [
            f'<polyline points="{way}" fill="none" {look}/>',
            f'<path d="M{left} 273h26" {look}/>',
            f'<text x="{left + 32}" y="278">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def described(lines: Sequence[Line], *, x: str, y: str) -> str:
    """The drawing in words."""
    said: list[str] = []
    for name, line in lines:
        values = [value for _, value in line]
        said.append(f"{name}: {values[0]:g} to {values[-1]:g}, at most {max(values):g}")
    return f"{y}, by {x}. {'; '.join(said)}."
