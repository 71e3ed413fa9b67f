package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type level struct {
	Gauge  int       `json:"gauge"`
	Cm     int       `json:"cm"`
	Remark string    `json:"remark"`
	At     time.Time `json:"at"`
	Place  int64     `json:"place"`
}

const rankingSQL = `
	SELECT gauge, cm, remark, at, place FROM (
		SELECT gauge, cm, remark, at,
		       row_number() OVER (PARTITION BY gauge ORDER BY cm DESC, remark) AS place
		FROM levels
	) ranked
	WHERE place <= 3
	ORDER BY cm DESC
	LIMIT $1`

func ranking(ctx context.Context, pool *pgxpool.Pool, top int) ([]level, error) {
	rows, err := pool.Query(ctx, rankingSQL, top)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[level])
}

func main() {
	pool, err := pgxpool.New(context.Background(), os.Getenv("DATABASE_URL")+"?pool_max_conns=8")
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	mux.HandleFunc("GET /ranking", func(w http.ResponseWriter, r *http.Request) {
		top, _ := strconv.Atoi(r.URL.Query().Get("top"))
		found, err := ranking(r.Context(), pool, top)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(found)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
