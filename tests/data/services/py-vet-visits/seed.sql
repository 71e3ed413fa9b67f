CREATE TABLE owners (id serial PRIMARY KEY, name text NOT NULL, city text NOT NULL);
CREATE TABLE animals (id serial PRIMARY KEY, owner_id int NOT NULL REFERENCES owners, name text NOT NULL, species text NOT NULL,
                      chip char(15) NOT NULL, notes text NOT NULL);
CREATE TABLE visits (id serial PRIMARY KEY, animal_id int NOT NULL REFERENCES animals, on_day date NOT NULL, reason text NOT NULL, fee numeric(8,2) NOT NULL);
INSERT INTO owners (name, city) SELECT 'Owner ' || i, 'City ' || i % 40 FROM generate_series(1, 4000) i;
INSERT INTO animals (owner_id, name, species, chip, notes)
  SELECT 1 + i % 4000, 'Animal ' || i, (ARRAY['dog','cat','horse','rabbit'])[1 + i % 4], (276098100000000 + i)::text, repeat('vaccinated ', 6)
  FROM generate_series(1, 320000) i;
INSERT INTO visits (animal_id, on_day, reason, fee)
  SELECT 1 + (i * 7) % 320000, date '2022-01-01' + i % 900, (ARRAY['check-up','vaccine','injury'])[1 + i % 3], 20 + i % 90 FROM generate_series(1, 150000) i;
CREATE INDEX visits_animal ON visits (animal_id);
CREATE INDEX animals_owner ON animals (owner_id);
