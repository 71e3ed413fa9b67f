CREATE TABLE raffles (id int PRIMARY KEY, name text NOT NULL, price_cents int NOT NULL, draws_on date NOT NULL);
CREATE TABLE tickets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, raffle_id int NOT NULL REFERENCES raffles, number text NOT NULL,
                      buyer text NOT NULL, payment text, sold_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX ON tickets (raffle_id, id);
INSERT INTO raffles SELECT i, 'Raffle ' || i, 100 + i * 50, date '2026-12-01' + i FROM generate_series(1, 12) i;
INSERT INTO tickets (raffle_id, number, buyer, payment, sold_at) SELECT 1 + i % 12, 'A' || i, 'Buyer ' || i % 900, 'old', timestamptz '2026-01-01' + i * interval '1 minute'
  FROM generate_series(1, 12000) i;
