'use strict';
const { NotFoundException, UnprocessableEntityException, ServiceUnavailableException } = require('@nestjs/common');

/** The flats on offer. */
class FlatsService {
  constructor() {
    this.flats = new Map(Array.from({ length: 240 }, (_, n) => [`F${n + 1}`, {
      id: `F${n + 1}`,
      street: `${['Mill', 'Station', 'Church', 'Canal'][n % 4]} Street ${1 + (n % 70)}`,
      rooms: 1 + (n % 5),
      rent: 610 + (n % 5) * 240 + (n % 7) * 35,
      heating: ['gas', 'district', 'heat pump'][n % 3],
      pets: n % 4 !== 0,
    }]));
  }

  find(id) {
    const flat = this.flats.get(id);
    if (!flat) throw new NotFoundException(`no flat ${id}`);
    return flat;
  }

  offered({ rooms = 1, below = Infinity }) {
    return [...this.flats.values()].filter((flat) => flat.rooms >= rooms && flat.rent < below).slice(0, 40);
  }
}

/** What the credit bureau knows of an applicant. */
class BureauService {
  constructor() {
    this.url = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/v3/reports`;
  }

  async report({ name, born }) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ name, born, purpose: 'tenancy' }),
      signal: AbortSignal.timeout(8000),
    });
    if (!response.ok) throw new ServiceUnavailableException(`credit bureau: ${response.status}`);
    return response.json();
  }
}

/** Ranks an application for a flat. */
class ApplicationsService {
  constructor(flats, bureau) {
    this.flats = flats;
    this.bureau = bureau;
    this.received = 0;
  }

  check({ name, born, income, household }) {
    const problems = [];
    if (!name || name.trim().length < 3) problems.push('name');
    if (!/^\d{4}-\d{2}-\d{2}$/.test(born ?? '')) problems.push('born');
    if (!(income > 0)) problems.push('income');
    if (!(household >= 1 && household <= 9)) problems.push('household');
    if (problems.length > 0) throw new UnprocessableEntityException({ problems });
  }

  points(flat, application, report) {
    const burden = flat.rent / application.income;
    const parts = {
      burden: Math.max(0, Math.round(40 * (1 - burden / 0.45))),
      crowding: application.household <= flat.rooms + 1 ? 15 : 5,
      credit: Math.round(((report.score - 300) / 550) * 35) - report.entries * 6,
      history: Math.min(10, 2024 - report.since),
    };
    return { parts, total: Object.values(parts).reduce((sum, n) => sum + n, 0) };
  }

  async apply(flatId, application) {
    const flat = this.flats.find(flatId);
    this.check(application);
    if (application.pet && !flat.pets) return { flat: flat.id, accepted: false, reason: 'no pets' };
    const report = await this.bureau.report(application);
    const { parts, total } = this.points(flat, application, report);
    this.received += 1;
    return { number: this.received, flat: flat.id, street: flat.street, total, parts, accepted: total >= 45 };
  }
}

module.exports = { FlatsService, BureauService, ApplicationsService };
