// The gateway to the turnstiles: asks a bath's counter over the field bus.
const http = require('http')

function sum (text) {
  return [...text].reduce((n, c) => n * 31 + c.charCodeAt(0) & 0xffff, 7)
}

http.createServer((request, response) => {
  const bath = request.url.split('/').pop()
  const n = sum(bath)
  const answer = { bath, inside: n % 19, club_lanes: n % 3, water: 26 + n % 40 / 10 }
  setTimeout(() => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  }, 24 + n % 17)
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1')
