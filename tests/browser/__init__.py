"""The built site in a real browser; `nox -s browser` runs it."""
