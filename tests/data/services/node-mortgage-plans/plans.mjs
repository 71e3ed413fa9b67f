const never = () => 0;

export const plans = [
  { name: 'steady', margin: 0.011, refixYears: 5, earlyFee: 0, extra: never },
  { name: 'long', margin: 0.014, refixYears: 10, earlyFee: 0, extra: never },
  { name: 'bonus', margin: 0.011, refixYears: 5, earlyFee: 0.005, extra: (month, loan) => (month % 12 === 0 ? loan.amount * 0.01 : 0) },
  { name: 'flexible', margin: 0.013, refixYears: 1, earlyFee: 0, extra: (month, loan, { balance }) => (month % 6 === 0 ? balance * 0.004 : 0) },
];
