CREATE TABLE cows (id serial PRIMARY KEY, herd integer NOT NULL, name text NOT NULL);
CREATE TABLE calvings (id serial PRIMARY KEY, cow_id integer NOT NULL, on_day date NOT NULL);
INSERT INTO cows (herd, name) SELECT n % 20, 'Cow ' || n FROM generate_series(1, 9000) n;
INSERT INTO calvings (cow_id, on_day) SELECT 1 + n % 9000, date '2020-01-01' + n % 1800 FROM generate_series(1, 40000) n;
CREATE INDEX ON cows (herd);
CREATE INDEX ON calvings (cow_id);
ANALYZE;
