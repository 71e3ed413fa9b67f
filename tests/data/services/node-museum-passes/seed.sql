CREATE TABLE holders (id int PRIMARY KEY, name text NOT NULL, born int NOT NULL);
CREATE TABLE passes (id int PRIMARY KEY, holder_id int NOT NULL REFERENCES holders, kind text NOT NULL, valid_until date NOT NULL);
CREATE TABLE exhibitions (id int PRIMARY KEY, gate int NOT NULL, title text NOT NULL, kinds text[] NOT NULL);
CREATE TABLE admissions (id bigserial PRIMARY KEY, pass_id int NOT NULL REFERENCES passes, gate int NOT NULL, companions int NOT NULL,
                         at timestamptz NOT NULL DEFAULT clock_timestamp());
INSERT INTO holders SELECT i, 'Holder ' || i, 1940 + i % 70 FROM generate_series(1, 8000) i;
INSERT INTO passes SELECT i, 1 + (i * 7) % 8000, (ARRAY['single','duo','patron'])[1 + i % 3], date '2031-01-01' + i % 300
  FROM generate_series(1, 20000) i;
INSERT INTO exhibitions SELECT i, 1 + i % 6, 'Exhibition ' || i, ARRAY['single','duo','patron'] FROM generate_series(1, 30) i;
INSERT INTO admissions (pass_id, gate, companions, at) SELECT 1 + (i * 11) % 20000, 1 + i % 6, i % 2, timestamptz '2024-01-01' + i * interval '1 minute'
  FROM generate_series(1, 40000) i;
CREATE INDEX ON admissions (pass_id, at);
