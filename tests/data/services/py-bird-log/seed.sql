CREATE TABLE species (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE sightings (id int PRIMARY KEY, species_id int NOT NULL REFERENCES species, place text NOT NULL, seen_at timestamptz NOT NULL,
                        count int NOT NULL, note text, checked boolean NOT NULL);
INSERT INTO species SELECT i, 'Species ' || i FROM generate_series(1, 300) i;
INSERT INTO sightings SELECT i, 1 + i % 300, 'Place ' || i % 1200, timestamptz '2020-01-01' + (i::bigint * 7919 % 170000) * interval '8 minutes',
  1 + i % 30, repeat('clear, light wind ', 4), i % 3 > 0 FROM generate_series(1, 170000) i;
CREATE INDEX sightings_species ON sightings (species_id, seen_at);
CREATE INDEX sightings_place ON sightings (place);
