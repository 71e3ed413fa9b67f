CREATE TABLE sites (id int PRIMARY KEY, name text NOT NULL, bar int NOT NULL);
CREATE TABLE cylinders (id int PRIMARY KEY, site_id int NOT NULL REFERENCES sites, litres numeric(4,1) NOT NULL, gas text NOT NULL,
                        tested_on date NOT NULL, valve text NOT NULL, idle_since timestamptz NOT NULL);
CREATE TABLE fills (id bigserial PRIMARY KEY, cylinder_id int NOT NULL REFERENCES cylinders, bar int NOT NULL, oxygen numeric(4,1) NOT NULL,
                    at timestamptz NOT NULL DEFAULT now());
INSERT INTO sites SELECT i, (ARRAY['Harbour','Quarry','North pier','School'])[i], 200 + 10 * i FROM generate_series(1, 4) i;
INSERT INTO cylinders SELECT i, 1 + i % 4, (ARRAY[10, 12, 12, 15])[1 + (i / 12) % 4], (ARRAY['air','air','nitrox'])[1 + i % 3],
       date '2023-01-01' + (i * 37) % 900, (ARRAY['din','yoke'])[1 + (i / 4) % 2], timestamptz '2025-01-01' + (i * 211) % 50000 * interval '1 minute'
  FROM generate_series(1, 1200) i;
CREATE INDEX ON cylinders (site_id, gas, idle_since);
CREATE INDEX ON fills (cylinder_id, at);
