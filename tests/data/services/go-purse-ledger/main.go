package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type ledger struct{ pool *pgxpool.Pool }

func (l *ledger) spend(ctx context.Context, purse int, pence int64) (left int64, err error) {
	err = pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		row := tx.QueryRow(ctx, "UPDATE purses SET pence = pence - $2 WHERE id = $1 RETURNING pence", purse, pence)
		if err := row.Scan(&left); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO entries (purse_id, pence) VALUES ($1, $2)", purse, -pence)
		return err
	})
	return left, err
}

func (l *ledger) closeDay(ctx context.Context) error {
	return pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT id FROM purses WHERE id <= 40 ORDER BY id FOR UPDATE")
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			return err
		}
		for _, id := range ids {
			var sum int64
			if err := tx.QueryRow(ctx, "SELECT coalesce(sum(pence), 0) FROM entries WHERE purse_id = $1", id).Scan(&sum); err != nil {
				return err
			}
			time.Sleep(12 * time.Millisecond)
		}
		_, err = tx.Exec(ctx, "UPDATE purses SET closed_on = current_date WHERE id = ANY($1)", ids)
		return err
	})
}

func (l *ledger) nightly() {
	for {
		if err := l.closeDay(context.Background()); err != nil {
			log.Print(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	l := &ledger{pool: pool}
	go l.nightly()
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	http.HandleFunc("POST /purses/{id}/spend", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		var asked struct {
			Pence int64 `json:"pence"`
		}
		json.NewDecoder(r.Body).Decode(&asked)
		left, err := l.spend(r.Context(), id, asked.Pence)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(map[string]int64{"left": left})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
