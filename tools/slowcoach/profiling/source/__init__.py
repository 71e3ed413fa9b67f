"""What the source of a hot function shows, where it is at hand. It is read, never run."""
