'use strict';
// Season rates of the pitch association, asked for with a deadline and given up when the service shuts down.
const http = require('node:http');

const BASE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
const closing = new AbortController();

function getJson(path, { timeout }) {
  return new Promise((resolve, reject) => {
    const request = http.get(BASE + path, { agent, timeout }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => { text += part; });
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${path}: ${response.statusCode}`));
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    request.on('timeout', () => request.destroy(new Error(`${path}: too late`)));
    request.on('error', reject);
  });
}

// Fills in the rates of the calendar's days; on shutdown the days that are still open get the house rate.
function currentRates(calendar, region) {
  return new Promise((resolve, reject) => {
    closing.signal.addEventListener('abort', () => {
      for (const day of calendar) day.rate ??= day.houseRate;
      resolve(calendar);
    }, { once: true });
    getJson(`/rates/${region}`, { timeout: 2000 }).then(({ seasons }) => {
      for (const day of calendar) {
        const season = seasons.find((s) => day.key >= s.from && day.key < s.to);
        day.rate = Math.round(day.houseRate * (season ? season.factor : 1) * 100) / 100;
      }
      resolve(calendar);
    }, reject);
  });
}

module.exports = { currentRates, shutDown: () => closing.abort() };
