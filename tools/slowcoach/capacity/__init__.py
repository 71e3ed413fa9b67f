"""Capacity: how load grows, what it needs, and which limit is reached first."""
