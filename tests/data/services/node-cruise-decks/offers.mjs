const LINE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const RATES = { inside: 68, sea: 92, balcony: 131 };

export const SHIPS = {
  aurora: { name: 'MS Aurora', decks: [3, 4, 5, 6, 7, 8, 9, 10, 11], upper: 9 },
  borealis: { name: 'MS Borealis', decks: [4, 5, 6, 7, 8], upper: 8 },
  kestrel: { name: 'SY Kestrel', decks: [1, 2], upper: 2 },
};

export async function deckPlan(ship, deck) {
  const answer = await fetch(`${LINE}/ships/${ship}/decks/${deck}`, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`deck ${deck}: ${answer.status}`);
  return answer.json();
}

export function price(cabin, deck, ship, { nights, guests }) {
  const nightly = RATES[cabin.kind] * (deck >= SHIPS[ship].upper ? 1.15 : 1);
  const long = nights >= 10 ? 0.92 : 1;
  return Math.round(nightly * nights * guests * long);
}

function offersOn(plan, ship, stay) {
  return plan.cabins
    .filter((cabin) => !cabin.sold && cabin.berths >= stay.guests)
    .map(({ number, kind, berths }) => ({ number, deck: plan.deck, kind, berths, price: price({ kind }, plan.deck, ship, stay) }));
}

export function cabinsOf(ship, stay) {
  return SHIPS[ship].decks.reduce(async (offers, deck) => {
    const found = await offers;
    const plan = await deckPlan(ship, deck);
    return found.concat(offersOn(plan, ship, stay));
  }, Promise.resolve([]));
}
