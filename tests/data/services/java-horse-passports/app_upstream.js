// The stud book's interface: one entry by chip number.
const http = require("node:http");

const names = ["Aurelio", "Bella", "Cassius", "Donna", "Esprit", "Fiammetta"];
const breeds = ["Trakehner", "Friesian", "Haflinger", "Lipizzaner"];

function entry(chip) {
  const n = [...chip].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 7);
  return {
    chip, name: names[n % names.length], breed: breeds[n % breeds.length], foaled: 1998 + (n % 24),
    sire: names[(n + 2) % names.length], dam: names[(n + 3) % names.length], owner: `Stud ${n % 90}`,
    vaccinations: [{ kind: "influenza", on: "2024-02-11" }, { kind: "tetanus", on: "2023-09-02" }],
  };
}

http.createServer((req, res) => {
  const chip = req.url.split("/")[2];
  setTimeout(() => {
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify(entry(chip || "")));
  }, 23 + (chip || "").length % 9);
}).listen(Number(process.env.UPSTREAM_PORT), "127.0.0.1");
