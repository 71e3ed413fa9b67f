CREATE TABLE pilots (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE gliders (id int PRIMARY KEY, kind text NOT NULL);
CREATE TABLE flights (id int PRIMARY KEY, pilot_id int NOT NULL REFERENCES pilots, glider_id int NOT NULL REFERENCES gliders,
                      day date NOT NULL, started timestamp NOT NULL, points real NOT NULL, trace bytea NOT NULL);
INSERT INTO pilots SELECT i, 'Pilot ' || i FROM generate_series(1, 300) i;
INSERT INTO gliders SELECT i, (ARRAY['ASK 21','Discus','LS 4','Ventus'])[1 + i % 4] FROM generate_series(1, 40) i;
INSERT INTO flights SELECT i, 1 + i % 300, 1 + i % 40, date '2024-03-01' + i / 40,
       (date '2024-03-01' + i / 40) + interval '9 hours' + (i % 300) * interval '1 minute', (i * 7919 % 90000) / 100.0,
       decode(repeat(md5(i::text) || md5((i * 3)::text), 44), 'hex')
  FROM generate_series(1, 12000) i;
CREATE INDEX ON flights (day, points DESC);
