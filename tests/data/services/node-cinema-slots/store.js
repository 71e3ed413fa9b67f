'use strict';
const { Pool, types } = require('pg');

types.setTypeParser(types.builtins.TIMESTAMP, (text) => text.replace(' ', 'T'));

class Store {
  constructor(url) {
    this.pool = new Pool({ connectionString: url, max: 6 });
    this.pool.on('error', (error) => console.error(error.message));
  }

  async #rows(name, text, values) {
    return (await this.pool.query({ name, text, values })).rows;
  }

  screenings(cinema, from, days) {
    return this.#rows('screenings',
      `SELECT id, film_id, hall, starts_at, language, price FROM screenings
        WHERE cinema_id = $1 AND starts_at >= $2::date AND starts_at < $2::date + $3::int ORDER BY starts_at, hall`,
      [cinema, from, days]);
  }

  films(ids) {
    return this.#rows('films', 'SELECT id, title, minutes, rating, synopsis FROM films WHERE id = ANY($1)', [ids]);
  }

  showings(film, from) {
    return this.#rows('showings',
      'SELECT cinema_id, starts_at, language FROM screenings WHERE film_id = $1 AND starts_at >= $2::date ORDER BY starts_at LIMIT 40',
      [film, from]);
  }
}

module.exports = { Store };
