"""What is read of a process under load, by source: kernel, control group, network, collector."""
