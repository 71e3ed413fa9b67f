// The translation engine: translates one cue, some 50 ms, many at a time.
const http = require('node:http');

const words = { where: 'waar', were: 'was', you: 'je', last: 'afgelopen', night: 'nacht', at: 'bij', the: 'de', harbour: 'haven', as: 'zoals', always: 'altijd', nobody: 'niemand', saw: 'zag', there: 'daar' };

http.createServer((req, res) => {
  let body = '';
  req.on('data', (chunk) => { body += chunk; });
  req.on('end', () => {
    const { text = '' } = JSON.parse(body || '{}');
    const translated = text.replace(/[a-z]+/gi, (word) => words[word.toLowerCase()] ?? word);
    setTimeout(() => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ text: translated, engine: 'nmt-4' }));
    }, 44 + text.length % 9);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
