'use strict';
// Turns the tickets of a repair depot into the rows that the workshop's screen shows.

const ZONES = { 1: 'Europe/Zurich', 2: 'Europe/Lisbon', 3: 'Europe/Helsinki', 4: 'Europe/Dublin' };
const STEPS = ['received', 'diagnosed', 'waiting for parts', 'in repair', 'ready'];

function localTime(instant, locale, timeZone) {
  return new Date(instant).toLocaleString(locale, { timeZone, weekday: 'short', day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' });
}

function money(cents, locale, currency) {
  return (cents / 100).toFixed(2).replace('.', locale.startsWith('de') ? ',' : '.') + ' ' + currency;
}

function waiting(ticket, now) {
  const hours = Math.floor((now - ticket.received) / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

function priority(ticket, now) {
  const age = (now - ticket.received) / 86_400_000;
  return Math.round((age * (ticket.express ? 3 : 1) + (5 - ticket.step)) * 10) / 10;
}

function row(ticket, { locale, timeZone, currency, now }) {
  return {
    ticket: ticket.id,
    what: `${ticket.maker} ${ticket.model}`,
    step: STEPS[ticket.step],
    received: localTime(ticket.received, locale, timeZone),
    waiting: waiting(ticket, now),
    estimate: money(ticket.cents, locale, currency),
    priority: priority(ticket, now),
  };
}

function sheet(depot, tickets, locale, now) {
  const options = { locale, timeZone: ZONES[depot.id] ?? 'UTC', currency: depot.currency, now };
  const rows = tickets.filter((ticket) => ticket.step < STEPS.length - 1).map((ticket) => row(ticket, options));
  rows.sort((a, b) => b.priority - a.priority || a.ticket - b.ticket);
  const perStep = {};
  for (const { step } of rows) perStep[step] = (perStep[step] ?? 0) + 1;
  return { depot: depot.name, open: rows.length, perStep, rows };
}

module.exports = { sheet, row, ZONES };
