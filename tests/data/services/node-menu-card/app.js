'use strict';
// A menu card in the guest's language: many small steps, none of them long.
const http = require('node:http');

const dishes = Array.from({ length: 700 }, (_, n) => ({ id: n, name: `dish number ${n}`, price: 900 + ((n * 37) % 2100), tags: ['veg', 'hot', 'new'].slice(n % 3), grams: 200 + (n % 300) }));

function translated(dish, lang) {
  return { ...dish, name: dish.name.split(' ').map((word) => `${word}-${lang}`).join(' ') };
}
function priced(dish) {
  return { ...dish, price: (dish.price / 100).toFixed(2) };
}
function tagged(dish) {
  return { ...dish, tags: dish.tags.map((tag) => tag.toUpperCase()).sort().join('|') };
}
function weighed(dish) {
  return { ...dish, grams: `${String(dish.grams).padStart(5, '0')} g`.replace(/0+(\d)/, '$1') };
}
function slugged(dish) {
  return { ...dish, slug: dish.name.normalize('NFD').replace(/[^a-z0-9]+/g, '-').toLowerCase() };
}
function checked(dish) {
  for (const [key, value] of Object.entries(dish)) if (value === undefined) throw new Error(key);
  return dish;
}
function escaped(dish) {
  return { ...dish, name: dish.name.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;') };
}
function stamped(dish) {
  return { ...dish, at: new Date(1_700_000_000_000 + dish.id * 1000).toISOString() };
}

const STEPS = [translated, priced, tagged, weighed, slugged, checked, escaped, stamped];

function menu(lang) {
  const cards = [];
  for (let page = 0; page < 4; page += 1) {
    for (const dish of dishes) cards.push(STEPS.reduce((card, step) => step(card, lang), dish));
  }
  return cards.slice(0, 20);
}

http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(menu(url.searchParams.get('lang') ?? 'en')));
}).listen(Number(process.env.PORT), '127.0.0.1');
