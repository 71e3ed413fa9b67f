'use strict';
// Keeps things in Maps and an object for requests that are all alike, looks for caches among them
// with the module whose path is given, and prints what is told of each.
const make = require(process.argv[2]);

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const underWay = new Map(), locks = new Map(), counts = new Map(), sessions = new Map(), recent = new Map();
const promises = new Map(), rates = new Map(), curves = {}, order = [];

async function shared(key) {
  if (!underWay.has(key)) underWay.set(key, sleep(2).finally(() => underWay.delete(key)));
  return underWay.get(key);
}

async function locked(key) {
  while (locks.has(key)) await locks.get(key).free;
  let done;
  locks.set(key, { free: new Promise((resolve) => { done = resolve; }), since: Date.now() });
  await sleep(1);
  locks.delete(key);
  done();
}

function evicting(key) {
  let found = promises.get(key);
  if (found) promises.delete(key);
  else found = sleep(2).then(() => ({ key }));
  promises.set(key, found);
  if (promises.size > 20) promises.delete(promises.keys().next().value);
  return found;
}

async function expiring(key) {
  const kept = rates.get(key);
  if (kept && kept.until > Date.now()) return kept.value;
  await sleep(3);
  const value = { prices: [1, 2, 3], base: { at: 1 } };
  rates.set(key, { value, until: Date.now() + 1 });
  return value;
}

function byObject(key) {
  if (curves[key]) return curves[key];
  const until = performance.now() + 0.2;
  while (performance.now() < until);
  if (order.length >= 24) delete curves[order.shift()];
  order.push(key);
  curves[key] = [key];
  return curves[key];
}

async function touched(key) {
  const session = sessions.get(key) ?? { user: { name: 'a', roles: ['b', 'c'] }, last: 0 };
  await sleep(1);
  sessions.set(key, { ...session, last: Date.now() });
}

let number = 0;
async function request() {
  for (let n = 0; n < 30; n += 1) {
    await shared(`s${n}`);
    await evicting(`e${n}`);
    byObject(`o${n}`);
    counts.set('all', { n: (counts.get('all')?.n ?? 0) + 1, at: Date.now() });
  }
  await locked('l');
  await touched('t');
  for (const key of ['x', 'y', 'z']) await expiring(key);
  number += 1;
  recent.set(number, { number });
  if (recent.size > 5) recent.delete(recent.keys().next().value);
}

(async () => {
  await request();
  const made = make();
  made.take([curves, { one: 1, two: 2 }, underWay, locks, counts, sessions, recent, promises, rates]);
  let going = true;
  for (let n = 0; n < 4; n += 1) (async () => { while (going) await request(); })();
  for (let n = 0; n < 4; n += 1) {
    await sleep(n ? 50 : 500);
    made.look();
    await sleep(1250);
  }
  const told = made.read();
  made.stop();
  going = false;
  const own = (stack) => stack.at(-1)?.[0] ?? '';
  const found = told.filter(({ back, again, stacks }) => back + again && stacks.length).map(({ stacks, kind }) => [kind, own(stacks[0][1])]);
  const left = [underWay, locks, counts, promises, rates].some((map) => Object.hasOwn(map, 'get') || Object.hasOwn(map, 'set'));
  console.log(JSON.stringify({ found, left, plain: Object.getPrototypeOf(curves) === Object.prototype }));
})();
