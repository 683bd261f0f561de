"""What happens when...: each cell of the matrix is run, and its result kept."""
