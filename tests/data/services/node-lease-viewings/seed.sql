CREATE TABLE flats (id int PRIMARY KEY, office text NOT NULL, street text NOT NULL, lat float8 NOT NULL, lon float8 NOT NULL, rent int NOT NULL);
CREATE TABLE viewings (id int PRIMARY KEY, office text NOT NULL, agent_id int NOT NULL, flat_id int NOT NULL REFERENCES flats,
                       day date NOT NULL, starts time NOT NULL, tenant text NOT NULL);
INSERT INTO flats SELECT i, (ARRAY['north','south','harbour'])[1 + i % 3], 'Street ' || i % 120 || ' no. ' || 1 + i % 40,
       52.3 + (i % 97) / 1000.0, 4.8 + (i % 89) / 1000.0, 900 + (i * 37) % 1400
  FROM generate_series(1, 1500) i;
INSERT INTO viewings SELECT i, (ARRAY['north','south','harbour'])[1 + i % 3], 1 + i % 30, 1 + (i * 7) % 1500,
       date '2024-05-01' + (i / 30) % 30, time '09:00' + (i % 7) * interval '45 minutes', 'Tenant ' || i
  FROM generate_series(1, 9000) i;
CREATE INDEX ON viewings (agent_id, day);
ALTER TABLE viewings ENABLE ROW LEVEL SECURITY;
ALTER TABLE viewings FORCE ROW LEVEL SECURITY;
CREATE POLICY by_office ON viewings USING (office = current_setting('app.office', true));
