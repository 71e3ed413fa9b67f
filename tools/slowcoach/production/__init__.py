"""What production says of an endpoint: metrics, traces, profiles and more that people have."""
