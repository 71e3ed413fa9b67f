"""Logs of statements, server statistics and traces: read, grouped by fingerprint, judged."""
