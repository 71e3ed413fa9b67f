import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'count'],
  scenarios: {
    shop: {
      executor: 'ramping-vus',
      startVUs: 2,
      stages: [
        { target: 2, duration: '8s' },
        { target: 4, duration: '2s' },
        { target: 4, duration: '8s' },
      ],
      gracefulRampDown: '1s',
    },
  },
  thresholds: {
    http_req_duration: ['p(95)<500', 'p(99)<1'],
    http_req_failed: ['rate<0.5'],
    'http_req_duration{name:orders}': ['p(95)<500'],
  },
};

export default function () {
  const base = __ENV.TARGET || 'http://127.0.0.1:18911';
  const item = http.get(`${base}/items/1?api_key=s3cr3t`, { tags: { name: 'item' } });
  check(item, { 'item is there': (r) => r.status === 200 });
  http.get(`${base}/orders`, { tags: { name: 'orders' } });
  if (__ITER % 5 === 4) http.get(`${base}/broken`, { tags: { name: 'broken' } });
  sleep(0.3);
}

export function handleSummary(data) {
  return { 'handle-summary.json': JSON.stringify(data, null, 1), stdout: '' };
}
