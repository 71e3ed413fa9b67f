"""One module per cause: what must be seen for it, what speaks against it, the place it names."""
