'use strict';

const VENUES = {
  opera: { name: 'Opera', rows: 40, width: 36, nights: 1200 },
  arena: { name: 'Arena', rows: 30, width: 30, nights: 500 },
};

const houses = new Map();

function sold(night, row, number) {
  return (night * 31 + row * 17 + number * 7) % 11 < 6;
}

function load() {
  for (const [code, venue] of Object.entries(VENUES)) {
    const nights = [];
    for (let night = 0; night < venue.nights; night++) {
      const rows = [];
      for (let row = 1; row <= venue.rows; row++) {
        const seats = [];
        for (let number = 1; number <= venue.width; number += 2) {
          seats.push({ row, number, block: number < 18 ? 'L' : 'R', sold: sold(night, row, number) });
        }
        rows.push(seats);
      }
      nights.push({ night, rows });
    }
    houses.set(code, { ...venue, nights });
  }
}

const priceOf = (row) => (row < 8 ? 96 : row < 20 ? 64 : 38);

function markSeats(house, night, party) {
  const { rows } = house.nights[night];
  return rows.map((seats) => seats.map((seat) => ({ ...seat, night, party, price: priceOf(seat.row), fits: !seat.sold })));
}

async function seatPlan(code, party) {
  const house = houses.get(code);
  const plan = [];
  for (let night = 0; night < 90; night++) {
    plan.push({ night, rows: markSeats(house, night, party) });
    if (night % 10 === 9) await new Promise(setImmediate);
  }
  return plan.map(({ night, rows }) => {
    const free = rows.flat().filter((seat) => seat.fits);
    return {
      night,
      free: free.length,
      best: free.slice(0, party).map((seat) => `${seat.block}${seat.row}-${seat.number}`),
      from: free.reduce((least, seat) => Math.min(least, seat.price), Infinity),
    };
  });
}

module.exports = { load, seatPlan, VENUES };
