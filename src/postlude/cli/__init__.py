"""The program `postlude`: looks after the tasks of a store, and runs workers."""
