'use strict';
const { createHash } = require('node:crypto');

const texts = {
  de: { inside: 'Innenkabine', outside: 'Außenkabine', suite: 'Suite', seat: 'Ruhesessel', at: 'Abfahrt {when} mit {ship}' },
  en: { inside: 'Inside cabin', outside: 'Outside cabin', suite: 'Suite', seat: 'Seat', at: 'Leaves {when} on {ship}' },
};
const money = new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' });
const clock = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

function translate(offer, language) {
  const words = texts[language] ?? texts.en;
  const values = { when: clock.format(new Date(`${offer.departs}Z`)), ship: offer.ship };
  offer.title = words.at.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  offer.cabinName = words[offer.cabin];
  return offer;
}

function formatMoney(offer) {
  offer.priceText = money.format(offer.price);
  return offer;
}

function etag(offer) {
  offer.etag = createHash('md5').update(`${offer.id}|${offer.price}|${offer.cabin}`).digest('base64url').slice(0, 10);
  return offer;
}

function withLinks(offer) {
  const url = new URL(`/offers/${offer.id}`, 'https://booking.example.test');
  url.searchParams.set('cabin', offer.cabin);
  offer.links = { self: url.pathname + url.search, book: `${url.pathname}/book` };
  return offer;
}

function auditLine(offer, requestId) {
  return JSON.stringify({ requestId, id: offer.id, price: offer.price, rules: offer.applied });
}

module.exports = { translate, formatMoney, etag, withLinks, auditLine };
