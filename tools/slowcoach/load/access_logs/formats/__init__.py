"""One file for each format of access logs, with `FORMAT`."""
