CREATE TABLE streets (id int PRIMARY KEY, name text NOT NULL, zone int NOT NULL);
CREATE TABLE permits (plate text PRIMARY KEY, zone int NOT NULL, valid_until date NOT NULL);
CREATE TABLE notices (id int PRIMARY KEY, plate text NOT NULL, street_id int NOT NULL REFERENCES streets, warden_id int NOT NULL,
                      issued_on date NOT NULL, paid_on date, offence text NOT NULL, fine numeric(6,2) NOT NULL);
INSERT INTO streets SELECT i, 'Street ' || i, 1 + i % 12 FROM generate_series(1, 600) i;
INSERT INTO permits SELECT 'KX' || lpad(i::text, 4, '0') || chr(65 + i % 26), 1 + i % 12, date '2024-12-31' FROM generate_series(1, 9999, 3) i;
INSERT INTO notices
  SELECT i, 'KX' || lpad(((i::bigint * 7919) % 10000)::text, 4, '0') || chr(65 + i % 11), 1 + (i::bigint * 104729) % 600, 1 + i % 45,
         date '2021-01-01' + i / 520, CASE WHEN i % 9 > 0 THEN date '2021-01-01' + i / 520 + i % 30 END,
         (ARRAY['no ticket','overstayed','double yellow','bus lane','permit holders only'])[1 + i % 5], 25 + (i % 4) * 10
  FROM generate_series(1, 560000) i;
CREATE INDEX ON notices (warden_id, issued_on);
CREATE INDEX ON notices (street_id);
