// The TypeScript SDK, version 1.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { about, plan, visit } from './visit.mjs';

const headers = plan.token ? { Authorization: `Bearer ${plan.token}` } : {};
const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url), { requestInit: { headers } })
  : new StdioClientTransport({ command: plan.command, args: plan.arguments, env: plan.environment });
const client = new Client(about);
await client.connect(transport);
await visit(client, transport.protocolVersion ?? null);
