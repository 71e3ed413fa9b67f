const NAMES = ['Anna Keller', 'Jon Berg', 'Mara Vogt', 'Iris Lund', 'Paul Adler', 'Nora Frey'];
const NOTES = [
  'Wound is **dry**, no swelling. Change the dressing every *second* day.',
  'Walks with one crutch. Stairs with help only.\n\n- pain 3 of 10\n- sleeps well',
  'Blood pressure stable. See the [plan](https://clinic.example.test/plan) for the dose.',
];

export function wardPatients(ward) {
  return Array.from({ length: 90 }, (_, n) => ({
    id: `W${ward}-${100 + n}`,
    name: NAMES[n % NAMES.length],
    born: `19${40 + (n % 55)}-0${1 + (n % 9)}-1${n % 9}`,
    admitted: `2026-05-${10 + (n % 18)}T08:${10 + (n % 49)}:00Z`,
    discharge: `2026-06-${10 + (n % 18)}T11:00:00Z`,
    note: NOTES[n % NOTES.length],
    medicines: Array.from({ length: 3 + (n % 3) }, (_, m) => ({
      code: `M${(n * 7 + m * 13) % 90}`, dose: 5 * (1 + m), unit: 'mg', per_day: 1 + ((n + m) % 3), until: `2026-07-1${m}`,
    })),
    contacts: [{ kind: 'family', phone: `+41 79 555 ${1000 + n}` }, { kind: 'doctor', phone: '+41 21 555 2030' }],
  }));
}
