// Booking system of the alpine clubs.
const http = require("node:http");

const number = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);

http
  .createServer((request, response) => {
    const url = new URL(request.url, "http://huts");
    const [, , hut, what] = url.pathname.split("/");
    const night = url.searchParams.get("night") || "";
    const answer =
      what === "beds"
        ? { hut, night, free: number(hut + night) % 9, dormitory: 4 + (number(hut) % 20) }
        : number(hut) % 3 === 0
          ? [{ level: "warning", text: `${hut}: no running water` }]
          : [{ level: "info", text: `${hut}: kitchen closes at 20:00` }];
    setTimeout(() => {
      const body = JSON.stringify(answer);
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
      response.end(body);
    }, what === "beds" ? 38 : 26);
  })
  .listen(Number(process.env.UPSTREAM_PORT), "127.0.0.1");
