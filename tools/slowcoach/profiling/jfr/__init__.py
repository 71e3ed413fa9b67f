"""Java Flight Recorder's files: chunks, their metadata, constant pools and events, in columns."""
