// The measuring service: finds a face in a stored photo and measures it.
import http from 'node:http'

const measure = (id) => {
  const seed = [...id].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 7)
  return {
    photo: id, width: 826, height: 1063, face: { x: 240, y: 260, width: 330 + seed % 40, height: 720 + seed % 60 },
    eyes: { left: [330, 520 + seed % 5], right: [500, 521] }, glare: (seed % 20) / 100, background: 0.92 + (seed % 8) / 100,
    mouthOpen: seed % 11 === 0, glasses: seed % 3 === 0,
  }
}

http.createServer((request, response) => {
  const [, kind, id] = request.url.split('/')
  const wait = kind === 'measurements' ? 52 + Math.random() * 18 : 4
  setTimeout(() => {
    const body = kind === 'measurements' ? JSON.stringify(measure(id)) : '{}'
    response.writeHead(kind === 'measurements' ? 200 : 404, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }, wait)
}).listen(Number(process.env.PORT), '127.0.0.1')
