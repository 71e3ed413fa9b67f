"""The MCP face: tools, resources, prompts and skills from the registries and the knowledge."""
