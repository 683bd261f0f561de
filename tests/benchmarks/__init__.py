"""What postlude costs beside its peers; `nox -s bench` runs it."""
