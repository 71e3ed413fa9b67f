"""One file for each kind of server that may be asked; each defines SOURCE."""
