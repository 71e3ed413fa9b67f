CREATE TABLE districts (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id int PRIMARY KEY, district_id int NOT NULL REFERENCES districts, holder text NOT NULL,
                       street text NOT NULL);
CREATE TABLE invoices (id int PRIMARY KEY, account_id int NOT NULL REFERENCES accounts, issued_on date NOT NULL,
                       due_on date NOT NULL, cents int NOT NULL);
CREATE TABLE payments (id int PRIMARY KEY, invoice_id int REFERENCES invoices, paid_on date NOT NULL, cents int NOT NULL,
                       channel text NOT NULL);
INSERT INTO districts SELECT i, 'District ' || i FROM generate_series(1, 24) i;
INSERT INTO accounts SELECT i, 1 + i % 24, 'Holder ' || i, 'Street ' || i % 700 FROM generate_series(1, 12000) i;
INSERT INTO invoices SELECT i, 1 + i % 12000, d, d + 21, 1900 + (i * 37) % 9000
  FROM generate_series(1, 260000) i, LATERAL (SELECT date '2023-01-10' + (i / 12000) * 30 AS d) x;
INSERT INTO payments SELECT i, i, date '2023-01-15' + (i / 12000) * 30 + i % 20, 1900 + (i * 37) % 9000,
       (ARRAY['bank','card','desk'])[1 + i % 3]
  FROM generate_series(1, 260000) i WHERE i % 97 > 2;
CREATE INDEX ON invoices (account_id, due_on);
CREATE INDEX ON payments (invoice_id);
CREATE INDEX ON accounts (district_id);
