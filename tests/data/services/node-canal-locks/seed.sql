CREATE TABLE locks (id integer PRIMARY KEY, name text NOT NULL, canal text NOT NULL, rise_m numeric(4,2) NOT NULL);
CREATE TABLE boats (id integer PRIMARY KEY, name text NOT NULL, length_m numeric(4,1) NOT NULL, licence text NOT NULL UNIQUE, moored_at integer REFERENCES locks);
CREATE TABLE passages (
  id bigint PRIMARY KEY,
  lock_id integer NOT NULL REFERENCES locks,
  boat_id integer NOT NULL REFERENCES boats,
  passed_at timestamp NOT NULL,
  upwards boolean NOT NULL,
  water_m3 integer NOT NULL
);
CREATE TABLE licences (boat_id integer NOT NULL REFERENCES boats, year smallint NOT NULL, fee numeric(8,2) NOT NULL, paid_on date, PRIMARY KEY (boat_id, year));
INSERT INTO locks SELECT n, 'Lock ' || n, (ARRAY['Grand Union','Oxford','Ashby','Coventry'])[1 + n % 4], 1.5 + (n % 17) / 10.0 FROM generate_series(1, 140) n;
INSERT INTO boats SELECT n, (ARRAY['Heron','Kingfisher','Otter','Willow','Rosie'])[1 + n % 5] || ' ' || n, 9 + (n % 120) / 10.0, 'L' || 100000 + n, 1 + n % 140 FROM generate_series(1, 5000) n;
-- a part of the boats left the network years ago
INSERT INTO passages
  SELECT n, 1 + (n * 31 + n / 7) % 140,
         CASE WHEN n < 160000 THEN 1 + (n::bigint * 7919 % 5000) ELSE 1 + (n::bigint * 7919 % 4000 + 2500) % 5000 END,
         timestamp '2015-03-01' + n * interval '8 minutes', n % 2 = 0, 180 + n % 90
    FROM generate_series(1, 560000) n;
INSERT INTO licences SELECT b, y, 600 + b % 400, CASE WHEN (b + y) % 9 > 0 THEN make_date(y, 1 + b % 12, 1 + b % 27) END FROM generate_series(1, 5000) b, generate_series(2018, 2024) y;
CREATE INDEX passages_passed_at_idx ON passages (passed_at);
CREATE INDEX passages_lock_idx ON passages (lock_id, passed_at);
