CREATE TABLE owners (id int PRIMARY KEY, name text NOT NULL, phone text NOT NULL, balance_cents int NOT NULL DEFAULT 0);
CREATE TABLE vets (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE animals (id int PRIMARY KEY, owner_id int NOT NULL REFERENCES owners, name text NOT NULL, species text NOT NULL,
                      born_on date NOT NULL);
CREATE TABLE shots (id int PRIMARY KEY, animal_id int NOT NULL REFERENCES animals, vaccine text NOT NULL, given_on date NOT NULL);
CREATE TABLE appointments (id int PRIMARY KEY, site_id int NOT NULL, animal_id int NOT NULL REFERENCES animals,
                           vet_id int NOT NULL REFERENCES vets, starts_at timestamp NOT NULL, minutes int NOT NULL,
                           reason text NOT NULL);
INSERT INTO owners SELECT i, 'Owner ' || i, '040-' || (100000 + i), (i * 37) % 9000 FROM generate_series(1, 6000) i;
INSERT INTO vets SELECT i, 'Dr. ' || chr(64 + i) FROM generate_series(1, 12) i;
INSERT INTO animals SELECT i, 1 + (i * 31) % 6000, 'Animal ' || i, (ARRAY['dog','cat','cat','rabbit'])[1 + i % 4],
       date '2012-01-01' + (i * 13) % 3800 FROM generate_series(1, 9000) i;
INSERT INTO shots SELECT i, 1 + (i::bigint * 7919) % 9000, (ARRAY['rabies','distemper','parvo','leukaemia','myxo'])[1 + i % 5],
       date '2020-01-01' + (i * 53) % 1600 FROM generate_series(1, 45000) i;
INSERT INTO appointments
  SELECT row_number() OVER (), s, 1 + (d * 977 + n * 127 + s * 311) % 9000, 1 + (n + s) % 12,
         timestamp '2024-05-01 08:00' + d * interval '1 day' + (n / 5) * interval '35 minutes',
         (ARRAY[10, 15, 20, 30])[1 + (n + d) % 4], (ARRAY['check-up','vaccination','dental','wound'])[1 + n % 4]
  FROM generate_series(1, 6) s, generate_series(0, 59) d, generate_series(0, 54) n;
CREATE INDEX ON animals (owner_id);
CREATE INDEX ON shots (animal_id);
CREATE INDEX ON appointments (site_id, starts_at);
CREATE INDEX ON owners (name text_pattern_ops);
