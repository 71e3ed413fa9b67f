CREATE TABLE meters (id int PRIMARY KEY, street text NOT NULL, serial text NOT NULL, installed_on date NOT NULL);
CREATE TABLE swaps (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, meter_id int NOT NULL REFERENCES meters,
                    old_serial text NOT NULL, new_serial text NOT NULL, receipt text NOT NULL, done_at timestamptz NOT NULL DEFAULT now());
INSERT INTO meters SELECT i, 'Street ' || i % 310, 'ZM' || (400000 + i), date '2012-01-01' + i % 3000 FROM generate_series(1, 20000) i;
CREATE INDEX ON swaps (meter_id, done_at);
ALTER TABLE meters OWNER TO app;
ALTER TABLE swaps OWNER TO app;
