CREATE TABLE practices (id int PRIMARY KEY, name text NOT NULL, town text NOT NULL);
CREATE TABLE patients (id int PRIMARY KEY, practice_id int NOT NULL REFERENCES practices, name text NOT NULL, phone text NOT NULL,
                       born date NOT NULL, active boolean NOT NULL);
CREATE TABLE visits (id int PRIMARY KEY, patient_id int NOT NULL REFERENCES patients, at date NOT NULL, kind text NOT NULL,
                     remark text NOT NULL DEFAULT '');
CREATE TABLE appointments (id int PRIMARY KEY, patient_id int NOT NULL REFERENCES patients, at date NOT NULL);
INSERT INTO practices SELECT i, 'Practice ' || i, (ARRAY['Arnhem','Zwolle','Breda'])[1 + i % 3] FROM generate_series(1, 5) i;
INSERT INTO patients SELECT i, 1 + i % 5, 'Patient ' || i, '06-' || 10000000 + i * 37, date '1940-01-01' + (i * 131) % 28000, i % 9 > 0
  FROM generate_series(1, 40000) i;
INSERT INTO visits SELECT i, 1 + abs(hashint4(i)) % 40000, date '2022-01-01' + abs(hashint4(i + 900000)) % 1260,
       (ARRAY['checkup','filling','hygiene','checkup','crown'])[1 + abs(hashint4(i + 2000000)) % 5] FROM generate_series(1, 240000) i;
INSERT INTO appointments SELECT i, 1 + (i::bigint * 5003) % 40000, date '2025-06-17' + i % 60 FROM generate_series(1, 6000) i;
CREATE INDEX ON patients (practice_id);
CREATE INDEX ON visits (patient_id, at DESC);
CREATE INDEX ON appointments (patient_id, at);
