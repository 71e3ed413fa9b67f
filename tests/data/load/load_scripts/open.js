import http from 'k6/http';

export const options = {
  scenarios: {
    peak: {
      executor: 'ramping-arrival-rate',
      startRate: 20,
      timeUnit: '1s',
      preAllocatedVUs: 2,
      maxVUs: 3,
      stages: [
        { target: 20, duration: '7s' },
        { target: 60, duration: '0s' },
        { target: 60, duration: '7s' },
      ],
    },
  },
  thresholds: { http_req_duration: ['p(95)<500'] },
};

export default function () {
  const base = __ENV.TARGET || 'http://127.0.0.1:18911';
  http.get(`${base}/orders`);
}

export function handleSummary(data) {
  return { 'open-handle-summary.json': JSON.stringify(data, null, 1), stdout: '' };
}
