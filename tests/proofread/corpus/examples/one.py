"""A coin that falls on one side."""

print("heads")
