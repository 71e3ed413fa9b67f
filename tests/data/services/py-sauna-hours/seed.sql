CREATE TABLE cabin (id int PRIMARY KEY, name text NOT NULL, seats int NOT NULL, rate numeric(6,2) NOT NULL);
CREATE TABLE member (id int PRIMARY KEY, name text NOT NULL, card text NOT NULL, since date NOT NULL);
CREATE TABLE booking (id bigserial PRIMARY KEY, cabin_id int NOT NULL REFERENCES cabin, member_id int NOT NULL REFERENCES member,
                      day date NOT NULL, hour int NOT NULL, guests int NOT NULL, paid numeric(8,2) NOT NULL, receipt text NOT NULL);
INSERT INTO cabin SELECT i, 'Cabin ' || i, 4 + i % 5, 14 + i FROM generate_series(1, 12) i;
INSERT INTO member SELECT i, 'Member ' || i, 'C-' || (100000 + i * 37), date '2016-01-01' + i FROM generate_series(1, 2000) i;
INSERT INTO booking (cabin_id, member_id, day, hour, guests, paid, receipt)
  SELECT 1 + i % 12, 1 + (i * 31) % 2000, date '2024-10-01' + i % 60, 9 + i % 12, 1 + i % 4, 30, 'r' || i FROM generate_series(1, 8000) i;
CREATE INDEX ON booking (cabin_id, day);
CREATE INDEX ON booking (member_id, day);
