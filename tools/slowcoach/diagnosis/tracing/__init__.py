"""Traces of an endpoint: which service, and which span in it, explains the latency."""
