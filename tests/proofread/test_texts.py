"""What a built site has for programs: Markdown, a list of pages, and no empty sitemap."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "proofread", "test"]
CONFIG = """\
site_name: Tiny
site_description: Small.
site_url: !ENV [SITE_URL, ""]
theme: {name: material, font: false}
nav: [Proof: proof.md, Guides: [Say it: guides/say.md, guides/plain.md], Home: index.md]
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
  - md_in_html
  - pymdownx.snippets: {base_path: [examples]}
"""
PAGES = {
    "index.md": "---\ntitle: T\n---\n\n# Tiny\n\n"
    "It [says](guides/say.md) things: two\nof them. Now.\n",
    "guides/say.md": '# Say it\n\n```python\n--8<-- "say.py"\n```\n\n'
    '```text title="Output"\nhi\n```\n',
    "guides/plain.md": "# Plain\n",
    "proof.md": '# Proof\n\n<div data-proofread="ledger"></div>\n',
}
LLMS = """\
# Tiny

> Small.

Each page is there as Markdown. What stands in its code blocks was run.

- [Proof]({0}proof.md): It stands on the page itself, not in its Markdown.
- [Home]({0}index.md): It says things: two of them.

## Guides

- [Say it]({0}guides/say.md)
- [Plain]({0}guides/plain.md)
"""
ADDRESS = "https://tiny.example/"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {f"docs/{name}": text for name, text in PAGES.items()}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "say.py").write_text('print("hi")\n', encoding="utf-8")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def prove(root: Path, **environment: str) -> Path:
    env = {name: value for name, value in os.environ.items() if name != "SITE_URL"}
    ended = subprocess.run(
        COMMAND, cwd=root, capture_output=True, text=True, check=False, env=env | environment
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return root / "site"


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_a_proven_site_is_there_as_markdown_too(root: Path, address: str) -> None:
    site = prove(root, **({"SITE_URL": address} if address else {}))
    assert (site / "guides/say.md").read_text(encoding="utf-8") == PAGES["guides/say.md"].replace(
        '--8<-- "say.py"', 'print("hi")'
    )
    assert (site / "index.md").read_text(encoding="utf-8").startswith("# Tiny\n")
    assert "<div" not in (site / "proof.md").read_text(encoding="utf-8")
    assert (site / "llms.txt").read_text(encoding="utf-8") == LLMS.format(address)
    if address:
        listed = (site / "sitemap.xml").read_text(encoding="utf-8")
        assert listed.count(f"<loc>{ADDRESS}") == len(PAGES)
    else:
        assert not list(site.glob("sitemap*"))


ODD = """\
# Odd

> ```python
> x = 1
>
> y = 2
> ```

1. In a list:

    ```python

    x = 1\x20\x20

    y = 2

    ```

=== "A"

    ````python
    text = '''
    ```
    '''
    ````

~~~python
if x := 1:
    y = x
~~~
"""


def test_a_block_in_the_markdown_is_known_however_it_is_fenced(root: Path) -> None:
    (root / "docs" / "guides" / "plain.md").write_text(ODD, encoding="utf-8")
    config = f"{CONFIG}  - pymdownx.tabbed: {{alternate_style: true}}\n"
    (root / "mkdocs.yml").write_text(config, encoding="utf-8")
    assert (prove(root) / "guides" / "plain.md").read_text(encoding="utf-8") == ODD


LAID_OUT = """\
# Beside

<div class="beside" markdown>

<div markdown="1">

```python
TEXT = '''
<div markdown>

</div>
'''
```

</div>

Text.

</div>

The end.
"""
PLAIN = """\
# Beside

```python
TEXT = '''
<div markdown>

</div>
'''
```

Text.

The end.
"""


def test_what_only_lays_out_a_page_is_not_in_its_markdown(root: Path) -> None:
    (root / "docs" / "guides" / "plain.md").write_text(LAID_OUT, encoding="utf-8")
    assert (prove(root) / "guides" / "plain.md").read_text(encoding="utf-8") == PLAIN
