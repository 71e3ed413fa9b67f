const express = require('express');
const axios = require('axios');
const http = require('http');

const app = express();
const partner = axios.create({
  baseURL: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`,
  httpAgent: new http.Agent({ keepAlive: true, maxSockets: 2 }),
});

async function fareFor(route) {
  const { data } = await partner.get('/fares', { params: { route } });
  return data.fare;
}

app.get('/healthz', (req, res) => res.send('ok'));
app.get('/quote', async (req, res) => {
  const fare = await fareFor(req.query.route);
  res.json({ fare, withFee: fare + 2 });
});

app.listen(process.env.PORT, '127.0.0.1');
