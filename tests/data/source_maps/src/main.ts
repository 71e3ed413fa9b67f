import { Basket, calculateTotals, roundUpward } from './pricing';

const items = Array.from({ length: 500 }, (_, i) => ({ price: i, count: i % 7 }));
const basket = new Basket(items);
const end = Date.now() + Number(process.argv[2] ?? 1500);
let sum = 0;
while (Date.now() < end) {
  sum += calculateTotals(items, 400);
  sum += basket.applyDiscount(200);
  sum += roundUpward(sum);
}
console.log(sum > 0);
