'use strict';
// Low point scoring with handicap, penalties and discards.

function byRace(finishes) {
  const races = new Map();
  for (const finish of finishes) {
    if (!races.has(finish.race)) races.set(finish.race, []);
    races.get(finish.race).push(finish);
  }
  return races;
}

function pointsOf(race, entries) {
  const finished = race.filter((f) => f.elapsed_s !== null)
    .map((f) => ({ boat: f.boat, corrected: f.elapsed_s / f.rating }))
    .sort((a, b) => a.corrected - b.corrected);
  const points = new Map(finished.map(({ boat }, at) => [boat, at + 1]));
  for (const { boat, code } of race) if (code) points.set(boat, entries + 1);
  return points;
}

function keep(scores, discard) {
  const worst = [...scores].sort((a, b) => b.points - a.points).slice(0, Math.min(discard, scores.length - 1));
  return scores.map((score) => ({ ...score, discarded: worst.includes(score) }));
}

function better(a, b) {
  if (a.net !== b.net) return a.net - b.net;
  const [first, second] = [a, b].map((boat) => boat.races.map((r) => r.points).sort((x, y) => x - y));
  for (let at = 0; at < first.length; at++) if (first[at] !== second[at]) return first[at] - second[at];
  return a.sail.localeCompare(b.sail);
}

function standings(finishes, penalties, discard) {
  const boats = new Map(finishes.map((f) => [f.boat, { boat: f.boat, sail: f.sail, helm: f.helm, club: f.club, scores: [] }]));
  for (const [race, list] of byRace(finishes)) {
    const points = pointsOf(list, boats.size);
    for (const { boat, code } of list) {
      boats.get(boat).scores.push({ race, points: points.get(boat) + (penalties.get(`${boat}/${race}`) ?? 0), code });
    }
  }
  const table = [...boats.values()].map(({ scores, ...boat }) => {
    const races = keep(scores, discard);
    const total = races.reduce((sum, r) => sum + r.points, 0);
    return { ...boat, total, net: total - races.reduce((sum, r) => sum + (r.discarded ? r.points : 0), 0), races };
  });
  return table.sort(better).map((boat, at) => ({ rank: at + 1, ...boat }));
}

module.exports = { standings };
