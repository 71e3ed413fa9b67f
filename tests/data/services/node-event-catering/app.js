'use strict';
// Caterer: what each kitchen cooks in a week.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const { Diary } = require('./diary');

const COURSES = ['starter', 'main', 'side', 'dessert'];

function inCourses(dishes) {
  const menu = {};
  for (const course of COURSES) {
    const served = dishes.filter((d) => d.course === course);
    if (served.length) menu[course] = served.map((d) => ({ name: d.name, portions: d.portions }));
  }
  return menu;
}

function workload(dishes) {
  const minutes = dishes.reduce((sum, d) => sum + d.minutes * Math.ceil(d.portions / 25), 0);
  const cost = dishes.reduce((sum, d) => sum + Number(d.cost) * d.portions, 0);
  return { hours: Math.round(minutes / 6) / 10, cost: cost.toFixed(2) };
}

async function cookingSheet(diary, event) {
  const dishes = await diary.dishesOf(event.id);
  const diets = await diary.dietsOf(event.id);
  return {
    event: event.id,
    client: event.client,
    day: event.day,
    servedAt: event.served_at.slice(0, 5),
    menu: inCourses(dishes),
    ...workload(dishes),
    diets: Object.fromEntries(diets.map((d) => [d.diet, Number(d.guests)])),
  };
}

async function week(request) {
  const { diary } = request.server.app;
  const { id, monday } = request.params;
  const kitchen = await diary.kitchen(Number(id));
  if (!kitchen) throw Boom.notFound('no such kitchen');
  const sheets = [];
  for (const event of await diary.eventsOfWeek(kitchen.id, monday)) {
    sheets.push(await cookingSheet(diary, event));
  }
  return {
    kitchen: kitchen.name,
    monday,
    hours: Math.round(sheets.reduce((sum, s) => sum + s.hours, 0)),
    sheets,
  };
}

async function start() {
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });
  server.app.diary = new Diary(process.env.DATABASE_URL);
  server.route([
    { method: 'GET', path: '/up', handler: () => 'up' },
    { method: 'GET', path: '/kitchens/{id}/weeks/{monday}', handler: week },
    {
      method: 'GET',
      path: '/events/{id}',
      handler: async (request) => {
        const event = await request.server.app.diary.event(Number(request.params.id));
        if (!event) throw Boom.notFound();
        return cookingSheet(request.server.app.diary, event);
      },
    },
    { method: 'GET', path: '/dishes', handler: (request) => request.server.app.diary.dishes(request.query.course ?? 'main') },
  ]);
  await server.start();
}

start();
