CREATE TABLE marinas (id int PRIMARY KEY, name text NOT NULL, has_sill boolean NOT NULL, currency text NOT NULL);
CREATE TABLE berths (id int PRIMARY KEY, marina_id int NOT NULL REFERENCES marinas, pier text NOT NULL, number int NOT NULL,
                     max_length numeric NOT NULL, metre_price numeric NOT NULL);
CREATE TABLE stays (id int PRIMARY KEY, berth_id int NOT NULL REFERENCES berths, boat text NOT NULL, arrives date NOT NULL, leaves date NOT NULL);
CREATE TABLE enquiries (id bigserial PRIMARY KEY, marina_id int NOT NULL REFERENCES marinas, arrives date NOT NULL, nights int NOT NULL,
                        length numeric NOT NULL, cheapest numeric, asked_at timestamptz NOT NULL DEFAULT transaction_timestamp());
INSERT INTO marinas SELECT i, 'Port ' || chr(64 + i) || 'elle', i % 3 > 0, CASE WHEN i % 4 = 0 THEN 'GBP' ELSE 'EUR' END FROM generate_series(1, 20) i;
INSERT INTO berths SELECT i, 1 + i % 20, chr(65 + i % 6), i / 120, 6 + (i * 7) % 11, 2.4 + (i % 5) * 0.35 FROM generate_series(1, 4000) i;
INSERT INTO stays SELECT i, 1 + (i * 7919) % 4000, 'boat ' || i, date '2024-05-01' + (i * 31) % 150, date '2024-05-01' + (i * 31) % 150 + 1 + i % 9
  FROM generate_series(1, 9000) i;
CREATE INDEX ON berths (marina_id, max_length);
CREATE INDEX ON stays (berth_id, arrives);
