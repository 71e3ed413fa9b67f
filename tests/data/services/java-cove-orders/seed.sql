create table orders (id int primary key, customer text not null, state text not null);
insert into orders select n, 'customer ' || n % 90, case when n % 20 = 0 then 'open' else 'shipped' end from generate_series(1, 4000) n;
create index orders_state on orders (state);
create table line_items (id int primary key, order_id int not null, article text not null, cents int not null);
insert into line_items select n, 1 + n % 4000, 'article ' || n % 300, n % 9000 from generate_series(1, 20000) n;
create index line_items_order on line_items (order_id);
