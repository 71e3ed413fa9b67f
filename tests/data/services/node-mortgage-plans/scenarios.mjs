/** Paths of the market's interest rate (a mean-reverting walk), made once and the same for everyone. */
export class Scenarios {
  #paths;

  constructor({ paths, years, seed = 20250401 }) {
    this.#paths = Array.from({ length: paths }, (_, n) => Scenarios.#walk(years * 12 + 1, seed + n * 7919));
  }

  static #walk(months, seed) {
    let state = seed >>> 0;
    const noise = () => {
      let sum = 0;
      for (let k = 0; k < 6; k++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        sum += state / 2 ** 32;
      }
      return sum - 3;
    };
    const rates = new Float64Array(months);
    rates[0] = 0.024;
    for (let m = 1; m < months; m++) rates[m] = Math.max(0, rates[m - 1] + 0.02 * (0.026 - rates[m - 1]) + 0.0011 * noise());
    return rates;
  }

  markets() {
    return this.#paths.map((rates) => (month) => rates[Math.min(month, rates.length - 1)]);
  }
}
