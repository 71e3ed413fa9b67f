CREATE TABLE yards (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE ponies (id int PRIMARY KEY, yard_id int NOT NULL REFERENCES yards, name text NOT NULL, height_cm int NOT NULL,
                     weight_limit int NOT NULL, retired boolean NOT NULL);
CREATE TABLE lessons (id int PRIMARY KEY, pony_id int NOT NULL REFERENCES ponies, rider text NOT NULL, day date NOT NULL,
                      starts time NOT NULL, minutes int NOT NULL);
CREATE TABLE checks (id int PRIMARY KEY, pony_id int NOT NULL REFERENCES ponies, day date NOT NULL, sound boolean NOT NULL, note text);
INSERT INTO yards SELECT i, 'Yard ' || i FROM generate_series(1, 8) i;
INSERT INTO ponies SELECT i, 1 + i % 8, 'Pony ' || i, 105 + (i * 7) % 48, 35 + (i * 5) % 50, i % 12 = 0 FROM generate_series(1, 420) i;
INSERT INTO lessons SELECT i, 1 + (i::bigint * 7919) % 420, 'rider' || i % 900, date '2024-05-01' + i % 21,
       time '08:00' + (i % 10) * interval '1 hour', 30 + (i % 3) * 15 FROM generate_series(1, 6000) i;
INSERT INTO checks SELECT i, 1 + (i::bigint * 104729) % 420, date '2024-01-01' + (i * 13) % 130, i % 17 > 0, 'seen'
  FROM generate_series(1, 1700) i;
CREATE INDEX ON ponies (yard_id);
CREATE INDEX ON lessons (pony_id, day);
CREATE INDEX ON lessons (rider, day);
CREATE INDEX ON checks (pony_id, day);
