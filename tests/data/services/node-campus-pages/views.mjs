// The components of the timetable pages.
import React from 'react';

const h = React.createElement;
const { createContext, Fragment, memo, useContext, useMemo, useId } = React;

const Locale = createContext({ lang: 'en', time: String });
const Theme = createContext({ compact: false });

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];

const Box = ({ as = 'div', gap = 0, align = 'start', className, children, ...rest }) =>
  h(as, { ...rest, className: ['box', gap && `gap-${gap}`, `align-${align}`, className].filter(Boolean).join(' ') }, children);

const Text = ({ tone = 'plain', size = 'm', children }) => {
  const { compact } = useContext(Theme);
  return h('span', { className: `text ${tone} ${compact && size === 'm' ? 's' : size}` }, children);
};

const Icon = ({ name, title }) =>
  h('svg', { className: `icon icon-${name}`, role: 'img', 'aria-label': title, viewBox: '0 0 16 16', width: 16, height: 16 },
    h('use', { href: `#${name}` }));

const Badge = ({ kind, children }) => h(Box, { as: 'span', className: `badge badge-${kind}` }, h(Text, { size: 's' }, children));

function Link({ to, children, ...rest }) {
  const href = useMemo(() => (to.startsWith('/') ? to : `/${to}`), [to]);
  return h('a', { href, ...rest }, children);
}

function When({ from, minutes }) {
  const { time } = useContext(Locale);
  return h(Box, { as: 'span', gap: 1 }, h(Icon, { name: 'clock', title: 'time' }),
    h('time', { dateTime: time(from) }, time(from)), ' – ', h('time', null, time(from + minutes)));
}

const Seats = ({ taken, size }) => {
  const share = Math.round((taken / size) * 100);
  return h(Box, { className: 'seats', style: { '--share': `${share}%`, borderWidth: 1, opacity: share > 95 ? 1 : 0.8 }, title: `${taken} of ${size}` },
    share > 95 ? h(Badge, { kind: 'full' }, 'full') : h(Text, { tone: 'dim', size: 's' }, `${size - taken} free`));
};

const Lecturer = memo(({ person }) => h(Link, { to: `people/${person.id}`, rel: 'author' },
  h(Box, { as: 'span', gap: 1, align: 'center' }, h(Icon, { name: 'person', title: 'lecturer' }), h(Text, null, person.title, ' ', person.name))));

function Lecture({ lecture }) {
  const id = useId();
  return h('article', { className: `lecture ${lecture.kind}`, 'aria-labelledby': id, 'data-code': lecture.code },
    h(Box, { as: 'header', gap: 2 },
      h('h4', { id }, h(Link, { to: `courses/${lecture.code}` }, lecture.name)),
      h(Badge, { kind: lecture.kind }, lecture.kind)),
    h(When, { from: lecture.from, minutes: lecture.minutes }),
    h(Box, { gap: 1 }, h(Icon, { name: 'door', title: 'room' }), h(Link, { to: `rooms/${lecture.room}` }, h(Text, null, lecture.room))),
    h(Box, { gap: 1, className: 'people' }, lecture.people.map((person) => h(Lecturer, { key: person.id, person }))),
    h(Seats, { taken: lecture.taken, size: lecture.size }));
}

const Day = ({ name, lectures }) => h('section', { className: 'day' },
  h(Box, { as: 'header' }, h('h3', null, name), h(Text, { tone: 'dim' }, lectures.length, ' lectures')),
  lectures.map((lecture) => h(Lecture, { key: lecture.id, lecture })));

const Legend = ({ kinds }) => h(Box, { as: 'ul', gap: 2 }, kinds.map((kind) => h('li', { key: kind }, h(Badge, { kind }, kind))));

export function TimetablePage({ faculty, week, lectures, locale }) {
  const perDay = DAYS.map((name, n) => [name, lectures.filter((l) => l.day === n).sort((a, b) => a.from - b.from)]);
  return h(Locale.Provider, { value: locale },
    h(Theme.Provider, { value: { compact: lectures.length > 60 } },
      h('html', { lang: locale.lang },
        h('head', null, h('title', null, `${faculty.name}, week ${week}`), h('meta', { charSet: 'utf-8' })),
        h('body', null,
          h('nav', null, h(Link, { to: '/' }, 'Campus'), h(Link, { to: `faculties/${faculty.id}` }, faculty.name)),
          h('h2', null, 'Week ', week),
          h(Legend, { kinds: [...new Set(lectures.map((l) => l.kind))] }),
          h('main', null, perDay.map(([name, list]) => h(Fragment, { key: name }, h(Day, { name, lectures: list }))))))));
}
