'use strict';
const { validate, searchRules, offerRules } = require('./layers/pipes');
const { toOffer, toSnake, toCamel, renameKeys } = require('./layers/mappers');
const { applyRules } = require('./layers/pricing');
const { translate, formatMoney, etag, withLinks, auditLine } = require('./layers/interceptors');

const SHIPS = ['MS Aurora', 'MV Skagen', 'MF Kattegat', 'MS Holm'];
const CABINS = ['seat', 'inside', 'outside', 'suite'];

class OffersRepository {
  constructor() {
    this.rows = Array.from({ length: 4500 }, (_, n) => ({
      number: 1000 + n, ship: SHIPS[n % 4], cabin: CABINS[(n >> 2) % 4], hours: 3 + (n % 15), minute: (n * 35) % 1440, base: 29 + (n % 60),
    }));
  }

  find() {
    return this.rows;
  }
}

class OffersService {
  constructor(repository) {
    this.repository = repository;
    this.audit = [];
  }

  search(search, requestId) {
    const offers = this.repository.find(search.from, search.to)
      .map((row) => toOffer(row, search))
      .map((offer) => applyRules(offer, search))
      .filter((offer) => validate(offerRules, offer).length === 0)
      .map((offer) => translate(offer, search.language))
      .map(formatMoney)
      .map(etag)
      .map(withLinks);
    this.audit = offers.map((offer) => auditLine(offer, requestId));
    return offers;
  }
}

class OffersController {
  constructor(service) {
    this.service = service;
  }

  search = (req, res) => {
    const search = renameKeys(req.body, toCamel);
    const problems = validate(searchRules, search);
    if (problems.length) return res.status(422).json({ problems });
    const offers = this.service.search(search, req.id).sort((a, b) => a.price - b.price || a.id.localeCompare(b.id));
    res.json({ count: offers.length, offers: offers.map((offer) => renameKeys(offer, toSnake)).slice(0, 400) });
  };
}

module.exports = { OffersRepository, OffersService, OffersController };
