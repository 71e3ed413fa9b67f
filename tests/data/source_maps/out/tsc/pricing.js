"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.roundUpward = exports.Basket = void 0;
exports.calculateTotals = calculateTotals;
/** The hot one. */
function calculateTotals(items, rounds) {
    let total = 0;
    for (let round = 0; round < rounds; round++) {
        for (const item of items) {
            total += Math.sqrt(item.price * item.count + round) % 7;
        }
    }
    return total;
}
class Basket {
    constructor(items) {
        this.items = items;
    }
    applyDiscount(rounds) {
        let sum = 0;
        for (let i = 0; i < rounds * 200; i++)
            sum += Math.cbrt(i) % 5;
        return sum;
    }
}
exports.Basket = Basket;
const roundUpward = (value) => {
    let up = value;
    for (let i = 0; i < 300000; i++)
        up = Math.hypot(up, i) % 11;
    return up;
};
exports.roundUpward = roundUpward;
//# sourceMappingURL=pricing.js.map