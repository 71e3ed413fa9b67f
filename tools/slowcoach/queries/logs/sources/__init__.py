"""The kinds of logs, one a file."""
