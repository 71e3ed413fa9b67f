CREATE TABLE kilns (id int PRIMARY KEY, name text NOT NULL, shelves int NOT NULL, top_celsius int NOT NULL, fuel text NOT NULL);
CREATE TABLE firings (id bigserial PRIMARY KEY, kiln_id int NOT NULL REFERENCES kilns, member_id int NOT NULL, cone text NOT NULL,
                      shelves int NOT NULL, energy_kwh numeric(8,2) NOT NULL, price_ct int NOT NULL, asked_at timestamptz NOT NULL DEFAULT now());
INSERT INTO kilns SELECT i, 'Kiln ' || i, 4 + i % 5, 1180 + i * 20, CASE WHEN i % 3 = 0 THEN 'gas' ELSE 'power' END FROM generate_series(1, 8) i;
INSERT INTO firings (kiln_id, member_id, cone, shelves, energy_kwh, price_ct, asked_at)
  SELECT 1 + i % 8, 1 + i * 31 % 240, (ARRAY['06','04','5','6','10'])[1 + i % 5], 1 + i % 4, 20 + i % 60, 600 + i * 7 % 2400,
         timestamptz '2024-01-05' + i * interval '3 hours' FROM generate_series(1, 3000) i;
CREATE INDEX ON firings (kiln_id, asked_at DESC);
CREATE INDEX ON firings (member_id, asked_at DESC);
ALTER TABLE kilns OWNER TO app; ALTER TABLE firings OWNER TO app;
