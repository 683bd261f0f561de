"""Velithon: it has no client that runs it without a server."""

from velithon import Velithon

app = Velithon()
