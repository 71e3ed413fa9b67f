// `node --cpu-prof orders.js before|after`: before, a pattern is compiled for each line; after, once.
"use strict";
const before = process.argv[2] === "before";
const lines = Array.from({ length: 4000 }, (_, i) => `order ${i} of customer-${(i * 271) % 900}: ${i % 97} pieces`);
const PATTERN = /customer-(\d+): (\d+)/;

function parse(line) {
  const pattern = before ? new RegExp(`customer-(\\d+): (\\d+)(?:${"x".repeat(line.length % 7)})?`) : PATTERN;
  const found = pattern.exec(line);
  return { customer: +found[1], pieces: +found[2] };
}

function total(orders) {
  let sum = 0;
  for (let round = 0; round < 60; round++) for (const order of orders) sum += (order.pieces * order.customer) % 7;
  return sum;
}

function label(orders) {
  return orders.map((order) => String(order.customer).padStart(8, "0") + order.pieces.toFixed(2)).sort().join("\n");
}

let kept = 0;
for (let day = 0; day < 500; day++) {
  const orders = lines.map(parse);
  kept += total(orders) + label(orders).length + JSON.stringify(orders).length;
}
console.log(kept);
