package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"

	_ "github.com/jackc/pgx/v5/stdlib"
)

type bin struct {
	ID    int    `json:"id"`
	Fruit string `json:"fruit"`
	Kilos int    `json:"kilos"`
}

type store struct{ db *sql.DB }

func (s store) bins(ctx context.Context, farm int) ([]bin, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, fruit FROM bins WHERE farm_id = $1 ORDER BY id", farm)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []bin
	for rows.Next() {
		var b bin
		if err := rows.Scan(&b.ID, &b.Fruit); err != nil {
			return nil, err
		}
		found = append(found, b)
	}
	return found, rows.Err()
}

func (s store) lastWeight(ctx context.Context, id int) (int, error) {
	var kilos int
	err := s.db.QueryRowContext(ctx,
		"SELECT kilos FROM weighings WHERE bin_id = $1 ORDER BY at DESC LIMIT 1", id).Scan(&kilos)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	return kilos, err
}

func (s store) list(w http.ResponseWriter, r *http.Request) {
	farm, err := strconv.Atoi(r.PathValue("farm"))
	if err != nil {
		http.Error(w, "farm?", http.StatusBadRequest)
		return
	}
	bins, err := s.bins(r.Context(), farm)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for i := range bins {
		bins[i].Kilos, err = s.lastWeight(r.Context(), bins[i].ID)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(bins)
}

func main() {
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(12)
	db.SetMaxIdleConns(12)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	mux.HandleFunc("GET /farms/{farm}/bins", store{db}.list)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
