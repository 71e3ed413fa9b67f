"""One playbook a module."""
