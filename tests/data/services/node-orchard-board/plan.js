'use strict';
const { addDays, addHours, format, isWeekend, startOfISOWeek, setISOWeek, differenceInCalendarDays } = require('date-fns');

const TASKS = ['prune', 'thin', 'spray', 'mow', 'irrigate', 'pick'];
const KINDS = ['Elstar', 'Jonagold', 'Conference', 'Boskoop', 'Topaz'];
const CREW = ['Ines', 'Olek', 'Tomasz', 'Rui', 'Hanna', 'Bram', 'Yara'];

const rowsOf = (orchard) => Array.from({ length: orchard === 'hill' ? 56 : 24 }, (_, n) => ({
  id: `${orchard}-${n + 1}`, kind: KINDS[n % KINDS.length], trees: 60 + ((n * 13) % 45), planted: 1998 + ((n * 3) % 24),
}));

const orchards = new Map(['hill', 'brook', 'south'].map((id) => [id, rowsOf(id)]));

function tasksFor(row, n, day, d) {
  if (isWeekend(day) && n % 4) return [];
  return Array.from({ length: 1 + ((n + d) % 2) }, (_, t) => {
    const starts = addHours(day, 7 + ((n + t * 4) % 8));
    return {
      id: `${row.id}-${d}-${t}`, task: TASKS[(n + d + t) % TASKS.length], starts, ends: addHours(starts, 2),
      crew: [CREW[(n + t) % CREW.length], CREW[(n + d + 3) % CREW.length]], done: (n + d) % 3 === 0,
    };
  });
}

function weekPlan(orchard, week) {
  const monday = startOfISOWeek(setISOWeek(new Date(2024, 0, 4), week));
  const days = Array.from({ length: 7 }, (_, d) => addDays(monday, d));
  const rows = orchards.get(orchard).map((row, n) => ({ ...row, days: days.map((day, d) => tasksFor(row, n, day, d)) }));
  return { orchard, week, days, rows };
}

const hour = (date) => format(date, 'HH:mm');
const dayName = (date) => format(date, 'EEE d MMM');
const daysFrom = (date, first) => differenceInCalendarDays(date, first);

module.exports = { orchards, weekPlan, hour, dayName, daysFrom };
