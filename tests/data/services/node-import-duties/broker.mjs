// Client of the customs broker's gateway.
import http from 'node:http';

export class BrokerError extends Error {}

export class Broker {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  #host;
  #port;
  #tariffs = new Map();

  constructor(host, port) {
    this.#host = host;
    this.#port = port;
  }

  async tariff(country) {
    const kept = this.#tariffs.get(country);
    if (kept && kept.until > Date.now()) return kept.tariff;
    const tariff = await this.#call('GET', `/tariffs/${country}`);
    this.#tariffs.set(country, { tariff, until: Date.now() + 30_000 });
    return tariff;
  }

  screenParties(consignee, origins) {
    return this.#call('POST', '/sanctions/check', { consignee, origins: [...new Set(origins)] });
  }

  #call(method, path, content) {
    const body = content === undefined ? undefined : JSON.stringify(content);
    const headers = body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {};
    return new Promise((resolve, reject) => {
      const req = http.request({ host: this.#host, port: this.#port, method, path, headers, agent: this.#agent, timeout: 8000 }, (res) => {
        let text = '';
        res.setEncoding('utf8');
        res.on('data', (part) => (text += part));
        res.on('end', () => {
          if (res.statusCode !== 200) reject(new BrokerError(`broker: ${res.statusCode}`));
          else resolve(JSON.parse(text));
        });
      });
      req.on('timeout', () => req.destroy(new BrokerError('broker: no answer')));
      req.on('error', (error) => reject(new BrokerError(error.message)));
      req.end(body);
    });
  }
}
