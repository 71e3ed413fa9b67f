const express = require('express');
const genericPool = require('generic-pool');
const fetch = require('node-fetch');

const app = express();
const upstream = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
let opened = 0;
const clients = genericPool.createPool({
  create: async () => ({ id: ++opened, get: (path) => fetch(upstream + path) }),
  destroy: async () => {},
}, { min: 2, max: 6 });

async function section(name) {
  const client = await clients.acquire();
  try {
    const answer = await client.get(`/sections/${name}`);
    return (await answer.text()).length;
  } finally {
    clients.release(client);
  }
}

app.get('/healthz', (req, res) => res.send('ok'));
app.get('/digest', async (req, res) => {
  const head = await section('head');
  const tail = await section('tail');
  res.json({ size: head + tail });
});

app.listen(process.env.PORT, '127.0.0.1');
