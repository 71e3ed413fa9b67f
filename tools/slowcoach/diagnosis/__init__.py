"""From measurements to one named cause: evidence, causes, decision."""
