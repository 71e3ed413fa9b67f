'use strict';
// Menus of the ships' restaurants as the tablets at the tables show them.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const Handlebars = require('handlebars');
const { Desk } = require('./rates');

const COURSES = ['starters', 'mains', 'desserts', 'drinks'];
const DISHES = {
  starters: ['Pea soup', 'Gravlax', 'Beetroot tartare', 'Oysters (6)'],
  mains: ['Cod with leek', 'Reindeer ragout', 'Mushroom barley', 'Pork knuckle', 'Lobster'],
  desserts: ['Cloudberry cream', 'Apple cake', 'Sorbet'],
  drinks: ['Juice', 'Coffee', 'Porter', 'Riesling', 'Aquavit'],
};
const ALLERGENS = ['milk', 'gluten', 'fish', 'nuts', 'celery'];
const SHIPS = {
  aurora: { name: 'MS Aurora', decks: 9, surcharge: 1.1 },
  borealis: { name: 'MS Borealis', decks: 6, surcharge: 1 },
};

const desk = new Desk();
const templates = Handlebars.create();

templates.registerHelper('money', function money(euro, options) {
  const { root } = options.data;
  root.rate ??= desk.rateOf(root.currency);
  const amount = euro * root.rate;
  return `${amount < 100 ? amount.toFixed(2) : Math.round(amount)} ${root.currency}`;
});
templates.registerHelper('allergens', (codes) => (codes.length ? `(${codes.map((code) => ALLERGENS[code]).join(', ')})` : ''));
templates.registerHelper('heading', (text) => text[0].toUpperCase() + text.slice(1));
templates.registerPartial('dish', '<li><b>{{name}}</b> {{allergens contains}} <i>{{money price}}</i></li>');

const menuPage = templates.compile(`<!doctype html>
<title>{{ship}}, deck {{deck}}</title>
<h1>{{ship}} &middot; deck {{deck}}</h1>
{{#each courses}}<h2>{{heading name}}</h2>
<ul>{{#each dishes}}{{> dish}}{{/each}}</ul>
{{/each}}<p>Prices for {{date}}, service included.</p>`);

function menuOf(ship, deck) {
  return COURSES.map((name, at) => ({
    name,
    dishes: DISHES[name].map((dish, n) => ({
      name: dish,
      contains: ALLERGENS.map((_, code) => code).filter((code) => (n + at + code * 2) % 4 === 0),
      price: Math.round((6 + at * 3.5 + n * 2.2) * ship.surcharge * (deck > 6 ? 1.2 : 1) * 10) / 10,
    })),
  }));
}

function shipOf(request) {
  const ship = SHIPS[request.params.ship];
  if (!ship) throw Boom.notFound('no such ship');
  return ship;
}

function deckOf(request, ship) {
  const deck = Number(request.query.deck ?? 5);
  if (!Number.isInteger(deck) || deck < 1 || deck > ship.decks) throw Boom.badRequest('no such deck');
  return deck;
}

async function main() {
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });

  server.route([
    { method: 'GET', path: '/healthz', handler: () => 'ok' },
    { method: 'GET', path: '/ships', handler: () => Object.entries(SHIPS).map(([id, { name, decks }]) => ({ id, name, decks })) },
    {
      method: 'GET',
      path: '/ships/{ship}/menu',
      handler: (request, h) => {
        const ship = shipOf(request);
        const deck = deckOf(request, ship);
        const currency = String(request.query.currency ?? 'EUR').toUpperCase();
        const page = menuPage({ ship: ship.name, deck, currency, courses: menuOf(ship, deck), date: new Date().toDateString() });
        return h.response(page).type('text/html');
      },
    },
    {
      method: 'GET',
      path: '/ships/{ship}/dishes',
      handler: (request) => {
        const ship = shipOf(request);
        return menuOf(ship, deckOf(request, ship)).flatMap(({ name, dishes }) => dishes.map((dish) => ({ course: name, ...dish })));
      },
    },
  ]);

  server.ext('onPreResponse', (request, h) => {
    if (!request.response.isBoom) request.response.header('cache-control', 'no-store');
    return h.continue;
  });

  await server.start();
}

main();
