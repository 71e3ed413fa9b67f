CREATE TABLE patients (id int PRIMARY KEY, name text NOT NULL, policy text NOT NULL);
CREATE TABLE visits (id serial PRIMARY KEY, patient_id int NOT NULL REFERENCES patients, doctor text NOT NULL, seen date NOT NULL, fee numeric(8,2) NOT NULL);
INSERT INTO patients SELECT n, 'Patient ' || n, 'P' || (n * 7919 % 100000) FROM generate_series(1, 2000) n;
INSERT INTO visits (patient_id, doctor, seen, fee) SELECT 1 + n % 2000, (ARRAY['Dr. Adler','Dr. Boyd','Dr. Cruz'])[1 + n % 3], date '2024-01-01' + n % 300, 40 + n % 90 FROM generate_series(1, 24000) n;
CREATE INDEX visits_patient ON visits (patient_id, seen);
