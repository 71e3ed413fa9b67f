// What a client does once it is connected: list everything, call every tool, read, get.
import { readFileSync } from 'node:fs';

export const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
export const about = { name: 'foreign-client', version: '1.0.0' };

export async function visit(client, version) {
  const { tools } = await client.listTools();
  const { resources } = await client.listResources();
  const { resourceTemplates } = await client.listResourceTemplates();
  const { prompts } = await client.listPrompts();
  const calls = {};
  for (const [name, values] of Object.entries(plan.calls)) {
    const answer = await client.callTool({ name, arguments: values });
    calls[name] = {
      failed: answer.isError === true,
      text: answer.content.filter((part) => part.type === 'text').map((part) => part.text).join('\n'),
      structured: answer.structuredContent ?? null,
    };
  }
  const read = await client.readResource({ uri: plan.resource });
  const got = await client.getPrompt({ name: plan.prompt, arguments: plan.prompt_arguments });
  console.log(JSON.stringify({
    server: client.getServerVersion()?.name,
    instructions: client.getInstructions() ?? '',
    version,
    tools: tools.map((tool) => tool.name),
    resources: resources.map((resource) => resource.uri),
    templates: resourceTemplates.map((template) => template.uriTemplate),
    prompts: prompts.map((prompt) => prompt.name),
    calls,
    resource: read.contents[0].text,
    prompt: got.messages[0].content.text,
  }));
  await client.close();
}
