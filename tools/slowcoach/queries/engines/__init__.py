"""One file = one database other than PostgreSQL that can be asked, read only."""
