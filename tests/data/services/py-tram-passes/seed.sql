CREATE TABLE riders (id int PRIMARY KEY, name text NOT NULL, born date NOT NULL, citizen_no text NOT NULL);
CREATE TABLE tariffs (kind text NOT NULL, zone text NOT NULL, price numeric(8,2) NOT NULL, PRIMARY KEY (kind, zone));
CREATE TABLE passes (id bigserial PRIMARY KEY, rider_id int NOT NULL REFERENCES riders, kind text NOT NULL,
                     zones text[] NOT NULL, starts_on date NOT NULL, ends_on date NOT NULL, price numeric(8,2) NOT NULL,
                     concession text NOT NULL);
INSERT INTO riders SELECT i, 'Rider ' || i, date '1950-01-01' + (i * 37) % 20000, 'C' || 100000 + i FROM generate_series(1, 5000) i;
INSERT INTO tariffs SELECT k.kind, chr(64 + z), k.base * (1 + z * 0.1)
  FROM (VALUES ('week', 14.0), ('month', 42.0), ('quarter', 110.0), ('year', 380.0)) k(kind, base), generate_series(1, 6) z;
INSERT INTO passes (rider_id, kind, zones, starts_on, ends_on, price, concession)
  SELECT 1 + (i * 7919) % 5000, 'month', ARRAY['A'], date '2025-01-01' + i % 300, date '2025-01-30' + i % 300, 46.2, 'none'
  FROM generate_series(1, 20000) i;
CREATE INDEX ON passes (rider_id, id);
