import { Counter, Histogram, Registry } from 'prom-client';

export const registry = new Registry();

export const quotesTotal = new Counter({
  name: 'glazing_quotes_total',
  help: 'Quotes given',
  labelNames: ['outcome'],
  registers: [registry],
});

export const paneSeconds = new Histogram({
  name: 'glazing_pane_price_seconds',
  help: 'Time to price a pane',
  labelNames: ['quote', 'pane', 'glass'],
  buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  registers: [registry],
});
