"""`slowcoach ask` without a key: each command's playbook, carried out with the real tools."""
