// Flow meters: the gateway in the tank hall offers each as a device file that gives a line whenever the meter ticks.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

class Meters {
  #tanks = new Map();

  follow({ tank, device }) {
    const state = { tank, litresPerMinute: 0, temperature: null, ticks: 0 };
    this.#tanks.set(tank, state);
    const lines = createInterface({ input: createReadStream(device, { encoding: 'ascii' }) });
    lines.on('line', (line) => {
      const [flow, temperature] = line.split(';').map(Number);
      if (Number.isNaN(flow)) return;
      state.litresPerMinute = flow;
      state.temperature = temperature;
      state.ticks += 1;
    });
    lines.on('close', () => this.#tanks.delete(tank));
  }

  reading(tank) {
    return this.#tanks.get(tank);
  }

  readings() {
    return [...this.#tanks.values()];
  }
}

export async function watchMeters(gateway) {
  const response = await fetch(`${gateway}/meters`);
  if (!response.ok) throw new Error(`gateway: ${response.status}`);
  const meters = new Meters();
  for (const meter of await response.json()) meters.follow(meter);
  return meters;
}
