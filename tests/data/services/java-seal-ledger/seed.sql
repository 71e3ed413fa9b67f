create table counters (name text primary key, value bigint not null);
insert into counters values ('seal', 0), ('letter', 0);
create table seals (id bigint primary key, office text not null, at timestamptz not null default now());
