"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const pricing_1 = require("./pricing");
const items = Array.from({ length: 500 }, (_, i) => ({ price: i, count: i % 7 }));
const basket = new pricing_1.Basket(items);
const end = Date.now() + Number(process.argv[2] ?? 1500);
let sum = 0;
while (Date.now() < end) {
    sum += (0, pricing_1.calculateTotals)(items, 400);
    sum += basket.applyDiscount(200);
    sum += (0, pricing_1.roundUpward)(sum);
}
console.log(sum > 0);
//# sourceMappingURL=main.js.map