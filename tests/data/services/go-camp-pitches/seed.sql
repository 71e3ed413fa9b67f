CREATE TABLE sites (id int PRIMARY KEY, name text NOT NULL, town text NOT NULL, deposit_cents int NOT NULL);
CREATE TABLE pitches (id int PRIMARY KEY, site_id int NOT NULL REFERENCES sites, code text NOT NULL, kind text NOT NULL,
                      night_cents int NOT NULL);
CREATE TABLE stays (id bigserial PRIMARY KEY, pitch_id int NOT NULL REFERENCES pitches, arrives date NOT NULL,
                    leaves date NOT NULL, guest text NOT NULL);
INSERT INTO sites SELECT i, 'Site ' || i, 'Town ' || i % 17, 1500 + i % 5 * 500 FROM generate_series(1, 60) i;
INSERT INTO pitches SELECT i, 1 + i % 60, 'P' || i, (ARRAY['tent','van','cabin'])[1 + i % 3], 1800 + i % 9 * 150
  FROM generate_series(1, 2400) i;
INSERT INTO stays (pitch_id, arrives, leaves, guest)
  SELECT 1 + i % 2400, d, d + 1 + i % 4, 'guest' || i FROM generate_series(1, 30000) i,
         LATERAL (SELECT date '2025-05-01' + (i / 2400) * 9 + i % 5 AS d) x;
CREATE INDEX ON pitches (site_id);
CREATE INDEX ON stays (pitch_id, arrives);
