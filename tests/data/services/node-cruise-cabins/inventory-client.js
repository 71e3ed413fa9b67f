'use strict';
const http = require('node:http');
const axios = require('axios');

const agent = new http.Agent({ keepAlive: true, keepAliveMsecs: 5000, maxSockets: 3, timeout: 60000 });

const inventory = axios.create({
  baseURL: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`,
  httpAgent: agent,
  proxy: false,
  timeout: 30000,
  headers: { accept: 'application/json', 'x-client': 'cabin-search' },
});

async function deckCabins(sailing, deck) {
  const { data } = await inventory.get(`/sailings/${encodeURIComponent(sailing)}/decks/${deck}`);
  return data.cabins;
}

module.exports = { deckCabins };
