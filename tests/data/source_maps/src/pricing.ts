export interface Item { price: number; count: number }

/** The hot one. */
export function calculateTotals(items: Item[], rounds: number): number {
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    for (const item of items) {
      total += Math.sqrt(item.price * item.count + round) % 7;
    }
  }
  return total;
}

export class Basket {
  constructor(private readonly items: Item[]) {}

  applyDiscount(rounds: number): number {
    let sum = 0;
    for (let i = 0; i < rounds * 200; i++) sum += Math.cbrt(i) % 5;
    return sum;
  }
}

export const roundUpward = (value: number): number => {
  let up = value;
  for (let i = 0; i < 300000; i++) up = Math.hypot(up, i) % 11;
  return up;
};
