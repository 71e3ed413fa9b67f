"""What is installed and permitted here, what is missing and how to get it."""
