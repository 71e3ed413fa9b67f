'use strict';
const knex = require('knex');
const { types } = require('pg');

types.setTypeParser(types.builtins.DATE, (text) => text);

class Diary {
  constructor(url) {
    this.db = knex({ client: 'pg', connection: url, pool: { min: 2, max: 12 } });
  }

  kitchen(id) {
    return this.db('kitchens').where({ id }).first();
  }

  event(id) {
    return this.db('events').where({ id }).first();
  }

  eventsOfWeek(kitchenId, monday) {
    return this.db('events')
      .where('kitchen_id', kitchenId)
      .andWhere('day', '>=', monday)
      .andWhere('day', '<', this.db.raw("?::date + 7", [monday]))
      .orderBy(['day', 'served_at', 'id']);
  }

  dishesOf(eventId) {
    return this.db('event_dishes as ed')
      .join('dishes as d', 'd.id', 'ed.dish_id')
      .where('ed.event_id', eventId)
      .select('d.name', 'd.course', 'd.minutes', 'd.cost', 'ed.portions')
      .orderBy('d.name');
  }

  dietsOf(eventId) {
    return this.db('guests').where('event_id', eventId).whereNotNull('diet').groupBy('diet').select('diet').count('* as guests');
  }

  dishes(course) {
    return this.db('dishes').where({ course }).orderBy('name');
  }
}

module.exports = { Diary };
