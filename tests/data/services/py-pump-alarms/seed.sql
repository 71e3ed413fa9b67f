CREATE TABLE stations (id int PRIMARY KEY, code text NOT NULL UNIQUE, name text NOT NULL, catchment text NOT NULL);
CREATE TABLE messages (id bigint PRIMARY KEY, station_id int NOT NULL REFERENCES stations, received timestamp NOT NULL,
                       level smallint NOT NULL, body jsonb NOT NULL);
INSERT INTO stations SELECT i, 'PS-' || lpad(i::text, 3, '0'), 'Pump station ' || i, (ARRAY['Aue','Elbe','Luhe','Este'])[1 + i % 4]
  FROM generate_series(1, 240) i;
INSERT INTO messages SELECT i, 1 + i % 240, timestamp '2025-01-01' + i * interval '40 seconds', (i * 7) % 4,
       jsonb_build_object('pump', 'P' || (i::bigint * 7919) % 6000, 'code', 'E' || (i * 13) % 60, 'amps', (i % 97) / 4.0,
                          'firmware', '4.' || i % 9)
  FROM generate_series(1, 420000) i;
CREATE INDEX ON messages (station_id, received);
CREATE INDEX ON messages (received);
