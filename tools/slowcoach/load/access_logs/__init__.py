"""Access logs of any server: files to lines, lines to columns of requests."""
