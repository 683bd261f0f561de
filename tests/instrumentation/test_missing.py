"""A library that is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIBRARIES = {"prometheus": "prometheus_client", "opentelemetry": "opentelemetry"}


@pytest.mark.parametrize("module", LIBRARIES)
def test_a_missing_library_is_named_with_the_command_that_installs_it(module: str) -> None:
    library = LIBRARIES[module]
    program = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "import postlude\n"
        "try:\n"
        f"    import postlude.instrumentation.{module}\n"
        "except postlude.MissingDependency as error:\n"
        "    print(error)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == (
        f'{library} is not installed. Install it with: pip install "postlude[{module}]"\n'
    )


def test_the_package_itself_imports_none_of_them() -> None:
    libraries = list(LIBRARIES.values())
    program = f"import sys, postlude; print([n for n in {libraries} if n in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
