CREATE INDEX orders_customer ON orders (customer_id, placed_at DESC);
CREATE INDEX order_items_order ON order_items (order_id);
