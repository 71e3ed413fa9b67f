CREATE TABLE invoice_series (code text PRIMARY KEY, branch text NOT NULL, last_number int NOT NULL, chain text NOT NULL);
INSERT INTO invoice_series VALUES ('GR-A', 'Graz', 18211, 'a0'), ('GR-B', 'Graz', 4031, 'b0'), ('LZ-A', 'Linz', 22004, 'c0'), ('WN-A', 'Wien', 70411, 'd0');
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, discount numeric(4,3) NOT NULL);
INSERT INTO customers SELECT i, 'Customer ' || i, (i % 5) * 0.02 FROM generate_series(1, 3000) i;
CREATE TABLE parts (sku text PRIMARY KEY, name text NOT NULL, price numeric(9,2) NOT NULL);
INSERT INTO parts SELECT 'P' || i, 'Part ' || i, 3 + (i * 17 % 400) / 2.0 FROM generate_series(1, 5000) i;
CREATE TABLE invoices (
  id serial PRIMARY KEY, series text NOT NULL REFERENCES invoice_series, number int NOT NULL, customer_id int NOT NULL,
  net numeric(11,2), signature text, issued timestamptz NOT NULL DEFAULT now(), UNIQUE (series, number));
CREATE TABLE invoice_lines (invoice_id int NOT NULL, position int NOT NULL, sku text NOT NULL, quantity int NOT NULL, amount numeric(11,2) NOT NULL,
  PRIMARY KEY (invoice_id, position));
