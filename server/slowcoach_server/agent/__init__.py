"""`slowcoach ask` with a key: Claude drives our own server, in memory."""
