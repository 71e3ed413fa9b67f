CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE devices (id int PRIMARY KEY, tag text NOT NULL UNIQUE, kind text NOT NULL, maker text NOT NULL,
                      customer_id int NOT NULL REFERENCES customers);
CREATE TABLE certificates (number text PRIMARY KEY, device_id int NOT NULL REFERENCES devices, issued_on date NOT NULL,
                           technician text NOT NULL, deviation numeric(8,4) NOT NULL, uncertainty numeric(8,4) NOT NULL,
                           passed boolean NOT NULL, remarks text NOT NULL);
INSERT INTO customers SELECT i, 'Works ' || i FROM generate_series(1, 600) i;
INSERT INTO devices SELECT i, 'G-' || lpad(i::text, 6, '0'), (ARRAY['pressure','torque','length','mass'])[1 + i % 4],
       (ARRAY['Kessler','Onda','Brandt'])[1 + i % 3], 1 + (i * 37) % 600
  FROM generate_series(1, 40000) i;
INSERT INTO certificates SELECT 'C' || lpad(i::text, 8, '0'), 1 + (i::bigint * 7919) % 40000, date '2006-01-01' + i / 92,
       'T. ' || chr(65 + i % 26), ((i % 97) - 48) / 1000.0, 0.002 + (i % 7) / 1000.0, i % 31 > 0,
       'Measured at ' || (19 + i % 4) || ' degrees, three runs, reference standard no. ' || (i % 140)
  FROM generate_series(1, 620000) i;
CREATE INDEX ON certificates (issued_on);
CREATE INDEX ON devices (customer_id);
