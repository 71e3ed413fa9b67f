CREATE TABLE species (id int PRIMARY KEY, name text NOT NULL, latin text NOT NULL);
CREATE TABLE sightings (id bigint PRIMARY KEY, vessel_id int NOT NULL, species_id int NOT NULL REFERENCES species,
                        seen_at timestamptz NOT NULL, lat double precision NOT NULL, lon double precision NOT NULL,
                        animals smallint NOT NULL, remarks text NOT NULL, verified boolean NOT NULL);
INSERT INTO species SELECT i, 'Whale ' || i, 'Cetus ' || i FROM generate_series(1, 38) i;
INSERT INTO sightings SELECT i, 1 + i % 61, 1 + (i * 7919) % 38, timestamptz '2018-01-01 00:00+00' + i * interval '7 minutes',
       50 + (i * 31 % 2000) / 100.0, -20 + (i * 17 % 4000) / 100.0, 1 + i % 9, 'Observed from the bridge, sea state ' || i % 6,
       i % 12 > 0
  FROM generate_series(1::bigint, 400000) i;
CREATE INDEX sightings_newest ON sightings (seen_at DESC, id DESC);
CREATE INDEX sightings_by_vessel ON sightings (vessel_id, seen_at);
