// Rehearsal studios: books an hour in a room and takes the deposit.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type bookingRequest struct {
	Room   int    `json:"room"`
	Band   string `json:"band"`
	Day    string `json:"day"`
	Hour   int    `json:"hour"`
	Member bool   `json:"member"`
}

type booking struct {
	ID      int64  `json:"id"`
	Room    string `json:"room"`
	Price   int    `json:"price"`
	Deposit string `json:"deposit"`
}

type api struct {
	db       *pgxpool.Pool
	http     *http.Client
	payments string
}

func (a *api) authorize(ctx context.Context, band string, cents int) (string, error) {
	body, _ := json.Marshal(map[string]any{"payer": band, "cents": cents})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.payments+"/authorizations", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	res, err := a.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var out struct {
		Token string `json:"token"`
	}
	return out.Token, json.NewDecoder(res.Body).Decode(&out)
}

func (a *api) book(ctx context.Context, in bookingRequest) (*booking, error) {
	tx, err := a.db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	var b booking
	if err := tx.QueryRow(ctx, `SELECT name, price FROM rooms WHERE id = $1`, in.Room).Scan(&b.Room, &b.Price); err != nil {
		return nil, err
	}
	if in.Member {
		b.Price = b.Price * 9 / 10
	}
	if b.Deposit, err = a.authorize(ctx, in.Band, b.Price/2); err != nil {
		return nil, err
	}
	err = tx.QueryRow(ctx, `INSERT INTO bookings (room_id, band, day, hour, price, deposit) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		in.Room, in.Band, in.Day, in.Hour, b.Price, b.Deposit).Scan(&b.ID)
	if err != nil {
		return nil, err
	}
	return &b, tx.Commit(ctx)
}

func (a *api) postBooking(w http.ResponseWriter, r *http.Request) {
	var in bookingRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b, err := a.book(r.Context(), in)
	if errors.Is(err, pgx.ErrNoRows) {
		http.Error(w, "no such room", http.StatusNotFound)
		return
	} else if err != nil {
		log.Print(err)
		http.Error(w, "not booked", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(b)
}

func openPool(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 2
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.RuntimeParams["application_name"] = "studio-bookings"
	return pgxpool.NewWithConfig(ctx, cfg)
}

func main() {
	db, err := openPool(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	a := &api{
		db:       db,
		http:     &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
		payments: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
	}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.Timeout(60*time.Second))
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Post("/bookings", a.postBooking)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
