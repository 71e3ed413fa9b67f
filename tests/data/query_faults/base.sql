CREATE SCHEMA shop; SET search_path = shop;
CREATE TABLE customers (id int PRIMARY KEY, name text, email text, country char(2), active boolean);
INSERT INTO customers SELECT i, 'Customer ' || i, 'C' || i || '@example.org',
    (ARRAY['DE','FR','US','GB'])[1 + i % 4], i % 2 = 0 FROM generate_series(1, 20000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, total numeric, created_at timestamp,
    paid boolean, code varchar(20), note text);
INSERT INTO orders SELECT i, 1 + (i * 7919) % 20000, CASE WHEN i % 200 = 0 THEN 'open' ELSE 'paid' END,
    (i % 1000)::numeric / 10, timestamp '2025-01-01' + i * interval '1 minute', i % 2 = 0, 'code' || i % 50000,
    repeat('x', 60) FROM generate_series(1, 200000) i;
CREATE TABLE indexed (LIKE orders INCLUDING ALL); INSERT INTO indexed SELECT * FROM orders;
CREATE INDEX indexed_customer ON indexed (customer_id); CREATE INDEX indexed_created ON indexed (created_at);
CREATE INDEX indexed_code_created ON indexed (code, created_at);
CREATE TABLE items (order_id int, position int, product_id int, quantity int);
INSERT INTO items SELECT 1 + i / 2, i % 2, i % 1000, i % 7 FROM generate_series(1, 400000) i;
CREATE TABLE products (id int PRIMARY KEY, name text, price numeric);
INSERT INTO products SELECT i, 'Product ' || i, i % 90 FROM generate_series(0, 999) i;
CREATE TABLE articles (id int PRIMARY KEY, title text COLLATE "C", tags int[], doc jsonb);
INSERT INTO articles SELECT i, md5(i::text), ARRAY[i % 500, i % 777], jsonb_build_object('k', i % 5000, 'n', i)
    FROM generate_series(1, 60000) i;
CREATE TABLE logs (at timestamp, message text) PARTITION BY RANGE (at);
DO $$ BEGIN FOR d IN 1..24 LOOP EXECUTE format('CREATE TABLE logs_%s PARTITION OF logs FOR VALUES FROM (%L) TO (%L)', d,
    timestamp '2025-01-01' + (d - 1) * interval '1 day', timestamp '2025-01-01' + d * interval '1 day'); END LOOP; END $$;
INSERT INTO logs SELECT timestamp '2025-01-01' + i * interval '24 days' / 120000, 'm' || i % 10
    FROM generate_series(0, 119999) i;
CREATE FUNCTION costly(n int) RETURNS int LANGUAGE plpgsql AS
    'DECLARE s int := 0; BEGIN FOR i IN 1..150 LOOP s := s + i; END LOOP; RETURN s + n; END';
CREATE FUNCTION made(n int) RETURNS SETOF int LANGUAGE plpgsql AS
    'BEGIN FOR i IN 1..n LOOP RETURN NEXT shop.costly(i); END LOOP; END';
