'use strict';
// The screen at the counter: the last things that happened, as the database tells them.
const { db } = require('./store');

class Screen {
  #lines = [];

  add(channel, text) {
    this.#lines.unshift({ at: new Date().toISOString(), what: channel, text });
    this.#lines.length = Math.min(this.#lines.length, 40);
  }

  recent() {
    return this.#lines;
  }
}

async function follow(channel, screen) {
  const client = await db.connect();
  client.on('notification', ({ payload }) => screen.add(channel, payload));
  await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
  return client;
}

async function followDesk(channels) {
  const screen = new Screen();
  await Promise.all(channels.map((channel) => follow(channel, screen)));
  return screen;
}

module.exports = { followDesk };
