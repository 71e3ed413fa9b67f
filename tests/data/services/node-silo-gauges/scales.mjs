// The weighing computer: writes into each pipe now and then.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

for (let silo = 1; silo <= 4; silo++) {
  const pipe = await open(join(process.argv[2], `silo${silo}`), constants.O_RDWR | constants.O_NONBLOCK);
  setInterval(() => pipe.write(`${Math.round(Math.random() * 9000)}\n`).catch(() => {}), 90 + 11 * silo);
}
