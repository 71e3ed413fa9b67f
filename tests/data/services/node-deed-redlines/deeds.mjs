// The office's deeds and their versions, as the archive exports them.
const KINDS = ['lease', 'sale', 'easement', 'partnership'];
const SUBJECTS = ['The seller', 'The buyer', 'The lessee', 'The managing partner', 'The land registry', 'Each party'];
const DUTIES = ['shall notify', 'shall pay', 'may inspect', 'shall keep', 'waives claims against', 'shall indemnify'];
const OBJECTS = ['the premises', 'the other party', 'the deposit', 'all fixtures', 'the boundary wall', 'the accounts'];
const CLAUSE_LINES = 14;

function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function draft(seed, size) {
  const pick = generator(seed);
  const lines = [];
  for (let n = 0; lines.length < size; n++) {
    lines.push(`§ ${n + 1}  ${OBJECTS[pick(6)]}`);
    for (let k = 0; k < CLAUSE_LINES; k++) {
      lines.push(`(${k + 1})  ${SUBJECTS[pick(6)]} ${DUTIES[pick(6)]} ${OBJECTS[pick(6)]} within ${7 + pick(80)} days.`);
    }
  }
  return lines;
}

function amend(lines, seed) {
  const pick = generator(seed);
  const amended = [];
  for (const line of lines) {
    const dice = pick(100);
    if (dice < 3) continue;
    amended.push(dice < 9 ? line.replace(/within \d+ days/, `within ${90 + pick(90)} days`) : line);
    if (dice > 96) amended.push(`(a)  Notice no. ${pick(5000)} is to be given in writing.`);
  }
  return amended;
}

const deeds = new Map();
for (let n = 1; n <= 40; n++) {
  const first = draft(n * 77, 500 + (n % 9) * 130);
  const second = amend(first, n * 91);
  const id = `d-${n}`;
  deeds.set(id, { id, title: `${KINDS[n % 4]} no. ${2000 + n}`, kind: KINDS[n % 4], versions: [first, second, amend(second, n * 13)] });
}

export const findDeed = (id) => deeds.get(id);

export const versionOf = (deed, version) => deed.versions[version - 1];

export function listDeeds(kind) {
  return [...deeds.values()]
    .filter((deed) => !kind || deed.kind === kind)
    .map(({ id, title, versions }) => ({ id, title, versions: versions.length }));
}
