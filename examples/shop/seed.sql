-- A shop of medium size. No random numbers: every run has the same rows.
-- The foreign keys hold by construction, so they are not checked row by row while it is filled.
SET session_replication_role = replica;

INSERT INTO customers (id, name, email)
SELECT i, 'Customer ' || i, 'customer' || i || '@shop.example'
FROM generate_series(1, 2000) i;

INSERT INTO products (id, name, price_cents, stock)
SELECT i,
       (ARRAY['oak','ash','beech','walnut','steel','copper','linen','wool','glass','cork'])[1 + i % 10] || ' ' ||
       (ARRAY['table','shelf','bench','stool','lamp','mirror','basket','blanket','vase','clock',
              'cabinet','tray'])[1 + i / 10 % 12] || ' ' || (ARRAY['Alma','Bruno','Carla','Dario','Elin'])[1 + i / 120 % 5],
       900 + i * 37 % 48000,
       100000
FROM generate_series(1, 600) i;

INSERT INTO orders (id, customer_id, placed_at, payment)
SELECT i, 1 + i % 2000, timestamptz '2026-01-01 08:00+00' + i * interval '7 minutes', 'P-' || i
FROM generate_series(1, 50000) i;

INSERT INTO order_items (order_id, product_id, quantity, price_cents)
SELECT 1 + i % 50000, 1 + ((i::bigint * 7919 + i / 2000 * 631 + i / 50000 * 577) % 600)::int, 1 + i % 3, 900 + i % 4000
FROM generate_series(1, 150000) i;

INSERT INTO reviews (product_id, stars, written_at, body)
SELECT 1 + (i::bigint * 104729 % 600)::int,
       1 + (i * 7 % 5),
       timestamptz '2025-06-01 10:00+00' + i * interval '20 seconds',
       'Arrived after ' || i % 9 || ' days, well packed. ' || repeat('It looks good in our hall. ', 1 + i % 3)
FROM generate_series(1, 700000) i;

SET session_replication_role = DEFAULT;
SELECT setval(pg_get_serial_sequence('orders', 'id'), 50000);
