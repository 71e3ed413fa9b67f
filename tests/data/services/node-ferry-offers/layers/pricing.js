'use strict';

const SEASON = [0.9, 0.9, 0.95, 1, 1.05, 1.2, 1.35, 1.3, 1.1, 1, 0.9, 1.05];
const CABIN = { seat: 0, inside: 40, outside: 65, suite: 160 };

const rules = [
  { name: 'season', when: () => true, apply: (o, s) => o.price * SEASON[new Date(s.day).getUTCMonth()] },
  { name: 'cabin', when: (o) => o.cabin in CABIN, apply: (o) => o.price + CABIN[o.cabin] },
  { name: 'party', when: (_, s) => s.adults + s.children > 1, apply: (o, s) => o.price * (s.adults + s.children * 0.5) },
  { name: 'car', when: (_, s) => s.car, apply: (o) => o.price + 38 + o.hours * 1.5 },
  { name: 'night', when: (o) => o.nights > 0, apply: (o) => o.price * 1.04 },
  { name: 'family', when: (_, s) => s.children > 1, apply: (o) => o.price * 0.93 },
];

function applyRules(offer, search) {
  const applied = [];
  for (const rule of rules) {
    if (!rule.when(offer, search)) continue;
    const before = offer.price;
    offer.price = Math.round(rule.apply(offer, search) * 100) / 100;
    applied.push({ rule: rule.name, difference: Math.round((offer.price - before) * 100) / 100 });
  }
  offer.applied = applied;
  return offer;
}

module.exports = { applyRules };
