"""One module per framework; each imports that framework and no other."""
