"""One file = one database's plans in one format."""
