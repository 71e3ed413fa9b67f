CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, phone text NOT NULL);
CREATE TABLE machines (id int PRIMARY KEY, model text NOT NULL, day_rate numeric(8,2) NOT NULL);
CREATE TABLE contracts (id int PRIMARY KEY, branch_id int NOT NULL, customer_id int NOT NULL REFERENCES customers,
                        status text NOT NULL, starts_on date NOT NULL, ends_on date NOT NULL);
CREATE TABLE contract_items (id int PRIMARY KEY, contract_id int NOT NULL REFERENCES contracts,
                             machine_id int NOT NULL REFERENCES machines, quantity int NOT NULL);
CREATE TABLE deposits (id int PRIMARY KEY, contract_id int NOT NULL REFERENCES contracts, amount numeric(8,2) NOT NULL,
                       paid_on date NOT NULL);
INSERT INTO customers SELECT i, 'Customer ' || i, '0' || (7000000 + i) FROM generate_series(1, 4000) i;
INSERT INTO machines SELECT i, (ARRAY['Plate compactor','Mini digger','Tile saw','Pump','Scaffold tower'])[1 + i % 5] || ' ' || i,
       15 + (i * 37) % 140 FROM generate_series(1, 400) i;
INSERT INTO contracts SELECT i, 1 + i % 8, 1 + (i * 7919) % 4000, CASE WHEN i % 13 = 0 THEN 'open' ELSE 'returned' END,
       date '2024-02-01' + i % 120, date '2024-02-01' + i % 120 + 1 + i % 14 FROM generate_series(1, 16000) i;
INSERT INTO contract_items SELECT i, 1 + i % 16000, 1 + (i * 31) % 400, 1 + i % 3 FROM generate_series(1, 48000) i;
INSERT INTO deposits SELECT i, 1 + i % 16000, 50 + i % 200, date '2024-02-01' + i % 120 FROM generate_series(1, 20000) i;
CREATE INDEX ON contracts (branch_id, status, starts_on);
CREATE INDEX ON contract_items (contract_id);
CREATE INDEX ON deposits (contract_id);
