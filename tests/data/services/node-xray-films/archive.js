'use strict';
// Image archive of the hospital group.
const http = require('node:http');

http.createServer((req, res) => {
  const { pathname } = new URL(req.url, 'http://archive');
  const answer = (ms, body) => setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(body));
  }, ms);
  const patient = pathname.match(/^\/patients\/(\d+)\/studies$/);
  if (patient) {
    const n = Number(patient[1]);
    const studies = Array.from({ length: 5 }, (_, i) => ({ uid: `1.2.${n}.${i}`, modality: ['CR', 'DX', 'CT'][i % 3],
      taken: `2024-0${1 + ((n + i * 3) % 9)}-1${i}`, part: ['hand', 'knee', 'chest'][(n + i) % 3] }));
    return answer(24 + Math.random() * 8, studies);
  }
  const study = pathname.match(/^\/studies\/([\d.]+)\/series$/);
  if (study) {
    return answer(26 + Math.random() * 10, Array.from({ length: 4 }, (_, i) => ({ number: i + 1, films: 1 + i, kvp: 55 + 5 * i, uas: 3200 + i * 90 })));
  }
  res.statusCode = 404;
  res.end('{}');
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
