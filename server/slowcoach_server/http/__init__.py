"""MCP over HTTP: who may call, how much, and what a supervisor reads of it."""
