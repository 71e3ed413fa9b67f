// The store as it stands in the database: places inside places, props in places.
export class Stock {
  #client;

  constructor(client) {
    this.#client = client;
  }

  async #rows(text, values) {
    return (await this.#client.query(text, values)).rows;
  }

  async place(id) {
    const [row] = await this.#rows('SELECT id, parent_id, kind, label, max_kg FROM places WHERE id = $1', [id]);
    return row ?? null;
  }

  placesWithin(id) {
    return this.#rows('SELECT id, kind, label, max_kg FROM places WHERE parent_id = $1 ORDER BY label', [id]);
  }

  propsAt(placeId, productionId) {
    return this.#rows(
      `SELECT p.id, p.name, p.weight_kg, p.fragile, r.production_id IS NOT NULL AS reserved
         FROM props p LEFT JOIN reservations r ON r.prop_id = p.id AND r.production_id = $2
        WHERE p.place_id = $1 AND NOT p.retired ORDER BY p.name`,
      [placeId, productionId],
    );
  }

  async production(id) {
    const [row] = await this.#rows('SELECT id, title, opens_on FROM productions WHERE id = $1', [id]);
    return row ?? null;
  }

  productionsAfter(date) {
    return this.#rows('SELECT id, title, opens_on FROM productions WHERE opens_on >= $1 ORDER BY opens_on LIMIT 20', [date]);
  }

  /** Depth first, in the order in which the store keepers walk: yields each place with its way from the entrance. */
  async *walk(place, trail = []) {
    const here = [...trail, place.label];
    yield { place, trail: here };
    for (const inner of await this.placesWithin(place.id)) yield* this.walk(inner, here);
  }
}
