// The clubs' direct debits: asks the bank's gateway whether a mandate covers an amount.
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 40 });

export function authorise(mandate, amount) {
  const body = JSON.stringify({ mandate, amount });
  return new Promise((resolve, reject) => {
    const call = request({
      agent, host: '127.0.0.1', port: process.env.UPSTREAM_PORT, method: 'POST', path: '/authorisations', timeout: 4000,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, async (response) => {
      try {
        const parts = await response.toArray();
        resolve(JSON.parse(Buffer.concat(parts).toString()));
      } catch (error) {
        reject(error);
      }
    });
    call.on('timeout', () => call.destroy(new Error('the gateway is silent')));
    call.on('error', reject);
    call.end(body);
  });
}
