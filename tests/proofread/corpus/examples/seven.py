"""Seven."""

# --8<-- [start:seven]
print(7)
# --8<-- [end:seven]
