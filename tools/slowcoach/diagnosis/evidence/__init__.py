"""What was measured: one module per signal; each says what it costs and what it needs."""
