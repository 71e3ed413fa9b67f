CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city text NOT NULL);
CREATE TABLE sites (id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients, name text NOT NULL, kind varchar(20) NOT NULL);
CREATE TABLE analysts (id int PRIMARY KEY, name text NOT NULL, initials varchar(4) NOT NULL);
CREATE TABLE samples (id int PRIMARY KEY, site_id int NOT NULL REFERENCES sites, analyst_id int NOT NULL REFERENCES analysts,
                      drawn date NOT NULL, bottle_no varchar(12) NOT NULL, urgent boolean NOT NULL);
CREATE TABLE readings (id int PRIMARY KEY, sample_id int NOT NULL REFERENCES samples, substance varchar(20) NOT NULL,
                       amount numeric NOT NULL, limit_value numeric NOT NULL, run int NOT NULL);
INSERT INTO clients SELECT i, 'Client ' || i, (ARRAY['Aston','Burford','Calne','Dulwich'])[1 + i % 4] FROM generate_series(1, 240) i;
INSERT INTO sites SELECT i, 1 + (i * 37) % 240, 'Site ' || i, (ARRAY['well','spring','tap','pool','river'])[1 + i % 5]
  FROM generate_series(1, 1800) i;
INSERT INTO analysts SELECT i, 'Analyst ' || i, 'A' || i FROM generate_series(1, 24) i;
INSERT INTO samples SELECT i, 1 + (i * 97) % 1800, 1 + (i * 5) % 24, date '2025-01-01' + i / 64, 'B' || lpad(i::text, 6, '0'), i % 9 = 0
  FROM generate_series(1, 20000) i;
INSERT INTO readings SELECT s * 4 + k, s, (ARRAY['nitrate','lead','chlorine','e. coli'])[k + 1], (s * 31 + k * 7) % 60, 50, 1 + s % 3
  FROM generate_series(0, 3) k, generate_series(1, 20000) s;
CREATE INDEX ON samples (drawn, bottle_no);
CREATE INDEX ON samples (site_id);
CREATE INDEX ON readings (sample_id);
