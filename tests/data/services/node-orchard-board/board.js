'use strict';
const { createContext, createElement: h, Fragment, memo, useContext, useId, useMemo } = require('react');
const { renderToString } = require('react-dom/server');
const clsx = require('clsx');
const { weekPlan, hour, dayName, daysFrom } = require('./plan');

const Settings = createContext({ labels: {}, first: null });

const LABELS = { prune: 'Pruning', thin: 'Thinning', spray: 'Spraying', mow: 'Mowing', irrigate: 'Irrigation', pick: 'Picking' };

function Icon({ name }) {
  return h('svg', { className: clsx('icon', `icon-${name}`), width: 12, height: 12, 'aria-hidden': true }, h('use', { href: `#${name}` }));
}

function Person({ name }) {
  return h('span', { className: 'person', title: name }, h('abbr', null, name.slice(0, 2).toUpperCase()));
}

function Times({ starts, ends }) {
  return h('span', { className: 'times' }, h('time', { dateTime: starts.toISOString() }, hour(starts)), '–', h('time', null, hour(ends)));
}

const Task = memo(function Task({ task }) {
  const { labels, first } = useContext(Settings);
  const id = useId();
  const classes = useMemo(() => clsx('task', task.task, { done: task.done, early: daysFrom(task.starts, first) < 2 }), [task, first]);
  return h('li', { id, className: classes, 'data-task': task.id },
    h(Icon, { name: task.task }),
    h('strong', { style: { opacity: task.done ? 0.5 : 1, marginLeft: 4 } }, labels[task.task]),
    h(Times, task),
    h('span', { className: 'crew' }, task.crew.map((name) => h(Person, { key: name, name }))));
});

function Cell({ tasks }) {
  if (tasks.length === 0) return h('td', { className: 'free' }, '—');
  return h('td', null, h('ul', null, tasks.map((task) => h(Task, { key: task.id, task }))));
}

function Row({ row }) {
  return h('tr', { 'data-row': row.id },
    h('th', { scope: 'row' }, h(Fragment, null, row.id, h('small', null, `${row.kind}, ${row.trees} trees`))),
    row.days.map((tasks, n) => h(Cell, { key: n, tasks })));
}

function Head({ days }) {
  return h('thead', null, h('tr', null, h('th', null, 'Row'), days.map((day) => h('th', { key: +day, scope: 'col' }, dayName(day)))));
}

function BoardPage({ plan }) {
  const settings = useMemo(() => ({ labels: LABELS, first: plan.days[0] }), [plan]);
  return h(Settings.Provider, { value: settings },
    h('html', { lang: 'en' },
      h('head', null, h('title', null, `Week ${plan.week}`)),
      h('body', null,
        h('h1', null, `Orchard ${plan.orchard}, week ${plan.week}`),
        h('table', { className: 'board' }, h(Head, { days: plan.days }),
          h('tbody', null, plan.rows.map((row) => h(Row, { key: row.id, row })))))));
}

function renderBoard(orchard, week) {
  return `<!doctype html>${renderToString(h(BoardPage, { plan: weekPlan(orchard, week) }))}`;
}

module.exports = { renderBoard };
