CREATE TABLE families (id int PRIMARY KEY, name text NOT NULL, ordo text NOT NULL);
CREATE TABLE species (id int PRIMARY KEY, genus text NOT NULL, epithet text NOT NULL, author text NOT NULL, family_id int NOT NULL REFERENCES families);
CREATE TABLE collectors (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE places (id int PRIMARY KEY, name text NOT NULL, country text NOT NULL);
CREATE TABLE sheets (id int PRIMARY KEY, species_id int NOT NULL REFERENCES species, collector_id int NOT NULL REFERENCES collectors,
                     place_id int NOT NULL REFERENCES places, barcode text NOT NULL, gathered_on date NOT NULL, altitude int, notes text NOT NULL);
INSERT INTO families SELECT i, 'Family' || i || 'aceae', 'Ordo ' || i % 12 FROM generate_series(1, 80) i;
INSERT INTO species SELECT i, 'Genus' || i % 240, 'epithet' || i, (ARRAY['L.','Mill.','DC.','Hook.'])[1 + i % 4], 1 + i % 80 FROM generate_series(1, 900) i;
INSERT INTO collectors SELECT i, 'Collector ' || i FROM generate_series(1, 300) i;
INSERT INTO places SELECT i, (ARRAY['North','South','Upper','Lower','Old'])[1 + i % 5] || ' valley ' || i, (ARRAY['AT','CH','IT','SI','DE','FR'])[1 + i % 6]
  FROM generate_series(1, 1500) i;
INSERT INTO sheets SELECT i, 1 + i % 900, 1 + (i * 31) % 300, 1 + (i * 37) % 1500, 'HB' || 100000 + i, date '1890-01-01' + (i * 11) % 40000, 200 + (i * 13) % 2400,
       (ARRAY['damp meadow near the river','dry slope with limestone','open larch forest','roadside gravel','alpine pasture'])[1 + i % 5] || ', flower ' ||
       (ARRAY['white','yellow','violet','pale pink'])[1 + i % 4] || ', petals ' || 4 + i % 3
  FROM generate_series(1, 70000) i;
CREATE INDEX ON sheets (species_id, gathered_on);
