"""One module per library that tasks are watched with; each imports that library and no other."""
