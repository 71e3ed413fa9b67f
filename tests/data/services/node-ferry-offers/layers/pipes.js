'use strict';

const searchRules = {
  from: { type: 'string', pattern: /^[A-Z]{3}$/ },
  to: { type: 'string', pattern: /^[A-Z]{3}$/ },
  day: { type: 'string', pattern: /^\d{4}-\d{2}-\d{2}$/ },
  adults: { type: 'number', min: 1, max: 9 },
  children: { type: 'number', min: 0, max: 9 },
  car: { type: 'boolean' },
  language: { type: 'string', pattern: /^[a-z]{2}$/ },
};

const offerRules = {
  id: { type: 'string', pattern: /^[A-Z]{3}-[A-Z]{3}-\d{6}$/ },
  ship: { type: 'string', pattern: /^M[SVF] [\w ]+$/ },
  cabin: { type: 'string', pattern: /^(inside|outside|suite|seat)$/ },
  departs: { type: 'string', pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d/ },
  price: { type: 'number', min: 0, max: 10000 },
};

function validate(rules, value) {
  const problems = [];
  for (const [name, rule] of Object.entries(rules)) {
    const given = value[name];
    if (typeof given !== rule.type) problems.push(`${name}: ${rule.type}`);
    else if (rule.pattern && !rule.pattern.test(given)) problems.push(`${name}: format`);
    else if (rule.type === 'number' && (given < rule.min || given > rule.max)) problems.push(`${name}: range`);
  }
  return problems;
}

module.exports = { validate, searchRules, offerRules };
