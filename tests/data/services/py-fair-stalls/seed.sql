CREATE TABLE stalls (id serial PRIMARY KEY, fair integer NOT NULL, trade text NOT NULL, metres numeric(6, 2) NOT NULL, rent numeric(8, 2) NOT NULL);
INSERT INTO stalls (fair, trade, metres, rent) SELECT n % 50, 'trade ' || n % 12, 2 + n % 9, 100 + n % 700 FROM generate_series(1, 60000) n;
CREATE INDEX ON stalls (fair);
CREATE TABLE fairs (id integer PRIMARY KEY, town text NOT NULL);
INSERT INTO fairs SELECT n, 'Town ' || n FROM generate_series(0, 49) n;
ANALYZE;
