"""Adds the server to a client's configuration, and takes it out again."""
