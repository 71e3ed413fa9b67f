CREATE TABLE regattas (id integer PRIMARY KEY, name text NOT NULL, starts_on date NOT NULL);
CREATE TABLE boats (id integer PRIMARY KEY, class text NOT NULL, sail text NOT NULL, helm text NOT NULL, club text NOT NULL, rating numeric(5,3) NOT NULL);
CREATE TABLE finishes (
  id bigserial PRIMARY KEY,
  regatta_id integer NOT NULL REFERENCES regattas,
  boat_id integer NOT NULL REFERENCES boats,
  race smallint NOT NULL,
  elapsed_s integer,
  code text
);
CREATE TABLE protests (id serial PRIMARY KEY, regatta_id integer NOT NULL, boat_id integer NOT NULL, race smallint NOT NULL, penalty smallint NOT NULL, state text NOT NULL);
INSERT INTO regattas SELECT n, 'Regatta ' || n, date '2023-04-01' + n * 6 FROM generate_series(1, 120) n;
INSERT INTO boats SELECT n, (ARRAY['ILCA','420','Finn','J70'])[1 + n % 4], upper(left(md5(n::text), 3)) || ' ' || 1000 + n, 'Helm ' || n, 'Club ' || n % 37, 0.9 + (n % 80) / 400.0
  FROM generate_series(1, 1600) n;
INSERT INTO finishes (regatta_id, boat_id, race, elapsed_s, code)
  SELECT r, b, race, CASE WHEN (b * 7 + race + r) % 41 = 0 THEN NULL ELSE 2400 + (b * 7919 + race * 104729 + r * 31) % 1900 END,
         CASE WHEN (b * 7 + race + r) % 41 = 0 THEN (ARRAY['DNF','DNS','OCS'])[1 + (b + race) % 3] END
    FROM generate_series(1, 120) r, generate_series(1, 1600) b, generate_series(1, 8) race WHERE (b / 4 + r) % 10 = 0;
INSERT INTO protests (regatta_id, boat_id, race, penalty, state)
  SELECT 1 + n % 120, 1 + n * 13 % 1600, 1 + n % 8, 2 + n % 3, (ARRAY['upheld','dismissed','open'])[1 + n / 120 % 3] FROM generate_series(1, 3000) n;
CREATE INDEX ON finishes (regatta_id, boat_id);
CREATE INDEX ON protests (regatta_id) WHERE state = 'upheld';
