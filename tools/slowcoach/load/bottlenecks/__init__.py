"""The kinds of limits that a load test can meet, one to a file."""
