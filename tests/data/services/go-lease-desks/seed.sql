CREATE TABLE units (id int PRIMARY KEY, landlord_id int NOT NULL, floor int NOT NULL, area float8 NOT NULL, street text NOT NULL);
CREATE TABLE leases (id int PRIMARY KEY, unit_id int NOT NULL REFERENCES units, tenant text NOT NULL, starts date NOT NULL, rent int NOT NULL);
INSERT INTO units SELECT i, 1 + i % 5, i % 7, 40 + i % 90, 'Harbour Road ' || i FROM generate_series(1, 2000) i;
INSERT INTO leases SELECT i, 1 + i % 2000, 'Tenant ' || i, date '2012-01-01' + i, 90000 + i * 13 % 60000 FROM generate_series(1, 8000) i;
CREATE INDEX ON leases (unit_id, starts);
