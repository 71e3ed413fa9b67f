CREATE TABLE owners (id int PRIMARY KEY, name text NOT NULL, phone text NOT NULL);
CREATE TABLE cars (id int PRIMARY KEY, plate text NOT NULL UNIQUE, model text NOT NULL, mileage int NOT NULL,
                   owner_id int NOT NULL REFERENCES owners);
CREATE TABLE jobs (id int PRIMARY KEY, garage_id int NOT NULL, car_id int NOT NULL REFERENCES cars, kind text NOT NULL,
                   bay text NOT NULL, hours numeric(5,2) NOT NULL, finished_on date);
CREATE TABLE part_orders (id int PRIMARY KEY, job_id int NOT NULL REFERENCES jobs, part_no text NOT NULL, quantity int NOT NULL,
                          price_cents int NOT NULL, expected_on date NOT NULL, arrived_on date);
INSERT INTO owners SELECT i, 'Owner ' || i, '0800-' || i FROM generate_series(1, 16000) i;
INSERT INTO cars SELECT i, 'KX ' || lpad(i::text, 5, '0'), (ARRAY['Corsa','Golf','Zoe','Panda','Yaris'])[1 + i % 5],
       20000 + (i::bigint * 7919) % 160000, 1 + (i::bigint * 31) % 16000
  FROM generate_series(1, 20000) i;
INSERT INTO jobs SELECT i, 1 + i % 11, 1 + (i::bigint * 104729) % 20000, (ARRAY['service','body','tyres','electric'])[1 + i % 4],
       'bay ' || (1 + (i / 11) % 9), 0.5 + (i % 13) / 2.0, CASE WHEN i <= 58000 THEN date '2024-01-01' + i / 160 END
  FROM generate_series(1, 60000) i;
INSERT INTO part_orders SELECT i, 1 + (i::bigint * 7907) % 60000, 'P-' || (i % 5000), 1 + i % 4, 300 + (i * 37) % 20000,
       date '2025-02-01' + i % 40, CASE WHEN i % 5 > 1 THEN date '2025-02-01' + i % 40 END
  FROM generate_series(1, 150000) i;
CREATE INDEX ON jobs (garage_id) WHERE finished_on IS NULL;
CREATE INDEX ON jobs (car_id);
CREATE INDEX ON part_orders (job_id);
