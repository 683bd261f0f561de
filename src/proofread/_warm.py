"""The program of the warm parent: note what it imports, then serve.

It runs as a file, since `-c` imports more than a program does by itself, from Python 3.13 on.
"""

import sys

before = list(sys.modules)

from proofread import _unseen  # noqa: E402

notes = _unseen.begin(before)

from proofread import _sandbox  # noqa: E402

_sandbox.main(int(sys.argv[1]), sys.argv[2:], ready=notes.end)
