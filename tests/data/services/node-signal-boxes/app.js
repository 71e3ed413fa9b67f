'use strict';
// Track occupancy from the interlocking, asked over lines of text.
const net = require('node:net');
const { createInterface } = require('node:readline');
const { createPool } = require('generic-pool');
const fastify = require('fastify')();

class Line {
  constructor(socket) {
    this.socket = socket;
    this.waiting = [];
    createInterface({ input: socket }).on('line', (text) => this.waiting.shift()?.(text));
  }

  ask(text) {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(`${text}\n`);
    });
  }
}

const lines = createPool({
  create: () => new Promise((resolve, reject) => {
    const socket = net.connect({ port: Number(process.env.UPSTREAM_PORT), host: '127.0.0.1' });
    socket.once('connect', () => resolve(new Line(socket))).once('error', reject);
  }),
  destroy: async (line) => line.socket.destroy(),
}, { max: 2, min: 2 });

const occupancy = (block) => lines.use((line) => line.ask(`OCC ${block}`));

async function board(station) {
  const state = await occupancy(station);
  return { station, state: state.split(' ') };
}

fastify.get('/healthz', async () => 'ok');
fastify.get('/stations/:station', (request) => board(request.params.station));
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
