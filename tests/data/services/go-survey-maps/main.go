package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type sheet struct {
	ID   int    `json:"id"`
	Grid string `json:"grid"`
}

type maps struct{ pool *pgxpool.Pool }

func (m maps) bySurveyor(ctx context.Context, name string) ([]sheet, error) {
	rows, err := m.pool.Query(ctx, "SELECT id, grid FROM sheets WHERE surveyor = $1 ORDER BY drawn DESC LIMIT 40", name)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[sheet])
}

func main() {
	pool, err := pgxpool.New(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	m := maps{pool}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	http.HandleFunc("GET /sheets", func(w http.ResponseWriter, r *http.Request) {
		found, err := m.bySurveyor(r.Context(), r.URL.Query().Get("surveyor"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(found)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
