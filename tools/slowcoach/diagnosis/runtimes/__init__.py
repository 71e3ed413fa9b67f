"""How services of each runtime are looked into: one file each, with RUNTIME."""
