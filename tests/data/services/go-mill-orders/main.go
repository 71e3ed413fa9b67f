package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"

	_ "github.com/lib/pq"
)

type order struct {
	Grain int   `json:"grain"`
	Kilos int64 `json:"kilos"`
}

type mill struct {
	db     *sql.DB
	market string
}

func (m *mill) price(ctx context.Context, grain string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.market+"/price", nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var quote struct {
		TonnePence int64 `json:"tonne_pence"`
	}
	if err := json.NewDecoder(res.Body).Decode(&quote); err != nil {
		return 0, err
	}
	return quote.TonnePence, nil
}

func (m *mill) grind(ctx context.Context, o order) (int64, error) {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	var grain string
	if err := tx.QueryRowContext(ctx, "SELECT name FROM grains WHERE id = $1", o.Grain).Scan(&grain); err != nil {
		return 0, err
	}
	tonne, err := m.price(ctx, grain)
	if err != nil {
		return 0, err
	}
	var id int64
	err = tx.QueryRowContext(ctx,
		"INSERT INTO orders (grain_id, kilos, pence) VALUES ($1, $2, $3) RETURNING id",
		o.Grain, o.Kilos, tonne*o.Kilos/1000).Scan(&id)
	if err != nil {
		return 0, err
	}
	return id, tx.Commit()
}

func main() {
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL")+"?sslmode=disable")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(2)
	db.SetMaxIdleConns(2)
	m := &mill{db: db, market: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/grind", func(w http.ResponseWriter, r *http.Request) {
		var o order
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		id, err := m.grind(r.Context(), o)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(map[string]int64{"order": id})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
