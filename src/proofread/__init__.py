"""Prove every code block of a MkDocs Material site, and refuse to publish what did not run."""
