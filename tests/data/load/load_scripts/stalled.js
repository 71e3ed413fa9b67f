import http from 'k6/http';
import { sleep } from 'k6';

export const options = { scenarios: { steady: { executor: 'constant-vus', vus: 4, duration: '24s' } } };

export default function () {
  http.get(`${__ENV.TARGET || 'http://127.0.0.1:18911'}/items/1`);
  sleep(0.05);
}
