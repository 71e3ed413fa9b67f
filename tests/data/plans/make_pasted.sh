#!/bin/sh
# Make the samples in pasted/: one plan as psql prints it in each of its styles.
# Usage: make_pasted.sh DATABASE_URL FOLDER (after make_samples.py has filled the database)
set -eu
url=$1 folder=$2
mkdir -p "$folder"
query="WITH big AS MATERIALIZED (SELECT * FROM orders WHERE total > 90 AND status = 'paid')
SELECT c.name, (SELECT max(quantity) FROM order_items i WHERE i.order_id = b.id) AS most
FROM big b LEFT JOIN customers c ON c.id = b.customer_id
WHERE b.created_at > (SELECT avg(created_at - timestamp '2025-01-01') + timestamp '2025-01-01' FROM orders)
ORDER BY c.name, b.id LIMIT 5"
plan() { # NAME EXPLAIN-OPTIONS PSQL-ARGUMENTS...
    name=$1 options=$2
    shift 2
    { printf "SET search_path = shop; SET max_parallel_workers_per_gather = 0;\n"
      printf "EXPLAIN (%s) %s;\n" "$options" "$query"
    } | PSQL_PAGER='' psql -X -q "$url" "$@" > "$folder/$name.txt"
}
plan bare "COSTS" -A -t
plan aligned "COSTS"
for style in ascii old-ascii unicode; do
    for border in 0 1 2; do
        plan "$style-border-$border" "COSTS" -P "linestyle=$style" -P "border=$border"
    done
    plan "$style-wrapped" "COSTS" -P "linestyle=$style" -P format=wrapped -P columns=60
    plan "$style-json" "FORMAT JSON" -P "linestyle=$style"
    plan "$style-json-border-2" "FORMAT JSON" -P "linestyle=$style" -P border=2
done
plan unicode-double "COSTS" -P linestyle=unicode -P border=2 -P unicode_border_linestyle=double
plan expanded-json "FORMAT JSON" -x
plan bare-json "FORMAT JSON" -A -t
plan csv "COSTS" --csv
plan csv-json "FORMAT JSON" --csv
