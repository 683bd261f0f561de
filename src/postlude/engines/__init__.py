"""One module per engine; each imports that engine and no other."""
