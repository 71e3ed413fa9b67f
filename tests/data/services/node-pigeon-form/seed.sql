CREATE TABLE lofts (id int PRIMARY KEY, name text NOT NULL, keeper text NOT NULL);
CREATE TABLE birds (id int PRIMARY KEY, loft_id int NOT NULL REFERENCES lofts, ring text NOT NULL UNIQUE, name text NOT NULL, ideal_weight int NOT NULL);
CREATE TABLE flights (id bigserial PRIMARY KEY, bird_id int NOT NULL REFERENCES birds, flown_on date NOT NULL, km int NOT NULL, metres_a_minute int NOT NULL);
CREATE TABLE weights (id bigserial PRIMARY KEY, bird_id int NOT NULL REFERENCES birds, weighed_on date NOT NULL, grams int NOT NULL);
INSERT INTO lofts SELECT i, 'Loft ' || i, 'Keeper ' || i FROM generate_series(1, 40) i;
INSERT INTO birds SELECT i, 1 + i % 40, 'BE24-' || 100000 + i, 'Bird ' || i, 400 + i % 60 FROM generate_series(1, 4800) i;
INSERT INTO flights (bird_id, flown_on, km, metres_a_minute)
  SELECT 1 + i % 4800, date '2023-10-01' + (i * 7) % 400, 80 + (i * 13) % 600, 900 + (i::bigint * 7919) % 520 FROM generate_series(1, 190000) i;
INSERT INTO weights (bird_id, weighed_on, grams)
  SELECT 1 + i % 4800, date '2023-10-01' + (i * 11) % 400, 380 + (i::bigint * 104729) % 100 FROM generate_series(1, 210000) i;
CREATE INDEX ON birds (loft_id);
CREATE INDEX ON flights (bird_id, flown_on);
CREATE INDEX ON weights (bird_id, weighed_on);
