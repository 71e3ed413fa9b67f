"""One file = one way to write a statement that asks for the same rows in another form."""
