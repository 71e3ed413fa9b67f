"""The built-in load engine: an open and a closed model over the HTTP client of `load/client.py`."""
