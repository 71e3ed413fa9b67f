// The TypeScript SDK, version 2: by the handshake, or by discovery ("auto").
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { about, plan, visit } from './visit.mjs';

const authProvider = plan.token ? { token: async () => plan.token } : undefined;
const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url), { authProvider })
  : new StdioClientTransport({ command: plan.command, args: plan.arguments, env: plan.environment });
const client = new Client(about, { versionNegotiation: { mode: plan.era } });
await client.connect(transport);
await visit(client, client.getNegotiatedProtocolVersion());
