// Network planning: postcode -> zone and depot.
const http = require('http')
const depots = ['Harrow', 'Kelso', 'Mold', 'Thirsk', 'Wick']

http.createServer((req, res) => {
  const found = /^\/zones\/(\w+)$/.exec(req.url)
  setTimeout(() => {
    if (!found) {
      res.writeHead(404).end()
      return
    }
    const n = [...found[1]].reduce((sum, c) => sum + c.charCodeAt(0), 0)
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ zone: 1 + (n % 4), depot: depots[n % depots.length] }))
  }, 18 + Math.random() * 8)
}).listen(Number(process.env.PORT), '127.0.0.1')
