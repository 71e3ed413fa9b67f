CREATE TABLE stations (id int PRIMARY KEY, name text NOT NULL, city text NOT NULL);
CREATE TABLE lockers (id int PRIMARY KEY, station_id int NOT NULL REFERENCES stations, row_no int NOT NULL, size text NOT NULL);
CREATE TABLE rents (id bigint PRIMARY KEY, locker_id int NOT NULL REFERENCES lockers, tenant_no text NOT NULL,
                    started_at timestamp NOT NULL, ended_at timestamp, paid_cents int NOT NULL, note text NOT NULL DEFAULT '');
INSERT INTO stations SELECT i, 'Station ' || i, (ARRAY['Ghent','Liege','Namur','Mons'])[1 + i % 4] FROM generate_series(1, 60) i;
INSERT INTO lockers SELECT i, 1 + i % 60, i % 9, (ARRAY['S','M','L'])[1 + i % 3] FROM generate_series(1, 3600) i;
INSERT INTO rents SELECT i, 1 + (i * 7919) % 3600, 'T-' || lpad(((i * 104729) % 52000)::text, 6, '0'),
       timestamp '2022-01-01' + i * interval '110 seconds',
       CASE WHEN i < 618000 THEN timestamp '2022-01-01' + i * interval '110 seconds' + interval '3 hours' END,
       200 + i % 7 * 50, CASE WHEN i % 11 = 0 THEN 'code sent again' ELSE 'by app' END
  FROM generate_series(1, 620000::bigint) i;
CREATE INDEX rents_locker ON rents (locker_id, started_at);
CREATE INDEX rents_open ON rents (started_at) WHERE ended_at IS NULL;
