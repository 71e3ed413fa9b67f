'use strict';
// The register as it comes from the ministry: rows of text.
const BREEDS = ['hol', 'ang', 'cha', 'lim', 'sim', 'her'];
const PLACES = ['Ballina  Mart', ' kilrush co-op', 'ENNIS  YARD', 'tuam mart ', 'Athenry'];
const HERDS = new Map();

function animal(herdNumber, n) {
  const born = new Date(Date.UTC(2017 + (n % 7), (n * 5) % 12, 1 + (n * 11) % 28));
  return {
    EAR_TAG: `372 ${herdNumber.slice(3)} ${String(n * 7919 % 100000).padStart(5, '0')} ${n % 10}`,
    BREED_CD: BREEDS[n % BREEDS.length],
    SEX: n % 3 ? 'f' : 'm',
    BIRTH_DT: born.toISOString(),
    DAM_TAG: n % 4 ? `372 ${herdNumber.slice(3)} ${String(n * 31 % 100000).padStart(5, '0')} 1` : '',
    WEIGHT_KG: (240 + (n * 37) % 420 + 0.125 * (n % 8)).toFixed(3),
    NOTES: n % 5 ? `tested  ok;vet Dr. O'Shea <${n}@vets.example>; next & last` : '',
    MOVES: Array.from({ length: 2 + (n % 3) }, (_, i) => `${2019 + i}-0${1 + (n % 9)}-1${i}|${PLACES[(n + i) % 5]}|${PLACES[(n + i + 1) % 5]}|${i * 12 + 8}`),
  };
}

for (const [number, keeper, size] of [['IE-4471', 'Maeve Doyle', 95], ['IE-2208', 'Padraig Kane', 30], ['IE-9034', 'Burren Farms', 60]]) {
  HERDS.set(number, { number, keeper, rows: Array.from({ length: size }, (_, n) => animal(number, n)) });
}

module.exports = {
  herd: (id) => HERDS.get(id),
  herds: () => [...HERDS.values()].map(({ number, keeper, rows }) => ({ number, keeper, animals: rows.length })),
};
