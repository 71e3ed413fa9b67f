const REGIONS = ['ticino', 'valais', 'jura', 'engadin'];
const AMENITIES = ['pool', 'sauna', 'fire_place', 'lake_view', 'dish_washer', 'ski_room', 'wlan', 'garden', 'cot', 'lift'];
const WORDS = 'old stone house above the <em>village</em> with a wide terrace in the morning sun and <b>quiet</b> rooms near the forest '
  + 'path to the lake where boats &amp; bicycles can be hired by the day and the baker comes on weekdays';

export const villas = Array.from({ length: 840 }, (_, n) => ({
  id: `V${1000 + n}`,
  name: `${['Casa', 'Chalet', 'Maison', 'Chasa'][n % 4]} ${['Étoile', 'Müller', 'Söldi', 'Àlpina', 'Riva'][n % 5]} ${n}`,
  region: REGIONS[n % REGIONS.length],
  text: `<p>${WORDS.split(' ').map((w, i, all) => all[(i * 7 + n) % all.length]).join(' ')}</p>`,
  lat: 46 + ((n * 37) % 150) / 100,
  lon: 6.4 + ((n * 53) % 380) / 100,
  rooms: 2 + (n % 7),
  sleeps: 3 + (n % 9),
  nightly: 140 + ((n * 45) % 520),
  freeFrom: new Date(Date.UTC(2024, n % 12, 1 + (n % 27))).toISOString(),
  photos: Array.from({ length: 5 + (n % 4) }, (_p, p) => `v${1000 + n}/${p + 1}.jpg`),
  amenities: AMENITIES.filter((_a, a) => (n * 13 + a * 7) % 3 > 0),
  seasons: [['low', 0.8], ['spring', 1], ['summer', 1.45], ['autumn', 1.05], ['holidays', 1.8]].map(([name, factor], s) => ({
    name, factor, from: `2024-${String(1 + s * 2).padStart(2, '0')}-01`, to: `2024-${String(2 + s * 2).padStart(2, '0')}-28`,
  })),
}));
