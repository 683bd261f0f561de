"""Which releases of each framework keep what is promised; `nox -s frameworks` runs it."""
