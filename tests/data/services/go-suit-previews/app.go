// Tailor's workshop: orders, the pieces they are cut from, and what a suit would cost.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const hourly = 46.0

type Wish struct {
	Customer int    `json:"customer"`
	Cut      string `json:"cut"`
	Cloth    int    `json:"cloth"`
	Lining   int    `json:"lining"`
	Chest    int    `json:"chest"`
	Height   int    `json:"height"`
}

type Piece struct {
	Part    string `json:"part"`
	Cloth   int    `json:"cloth"`
	CM      int    `json:"cm"`
	Minutes int    `json:"minutes"`
}

type Price struct {
	Cloth  float64 `json:"cloth"`
	Work   float64 `json:"work"`
	Total  float64 `json:"total"`
	Pieces int     `json:"pieces"`
}

func (w Wish) check() error {
	if w.Chest < 70 || w.Chest > 160 || w.Height < 120 || w.Height > 230 {
		return errors.New("measures out of range")
	}
	if w.Cut != "single" && w.Cut != "double" {
		return errors.New("cut is single or double")
	}
	return nil
}

// pieces lays out what has to be cut for the wish.
func (w Wish) pieces() []Piece {
	long, wide := w.Height*42/100, w.Chest*55/100
	if w.Cut == "double" {
		wide += 9
	}
	list := []Piece{
		{"front", w.Cloth, long + wide/4, 85}, {"back", w.Cloth, long, 60}, {"sleeve", w.Cloth, w.Height * 35 / 100, 70},
		{"collar", w.Cloth, wide / 2, 40}, {"lapel", w.Cloth, wide / 2, 45}, {"trouser", w.Cloth, w.Height * 62 / 100, 95},
		{"waistband", w.Cloth, wide, 30}, {"pocket", w.Cloth, 22, 35}, {"lining", w.Lining, long + long/2, 55},
	}
	if w.Cut == "double" {
		list = append(list, Piece{"cuff", w.Cloth, 18, 20})
	}
	return list
}

type Workshop struct{ db *pgxpool.Pool }

func place(ctx context.Context, tx pgx.Tx, w Wish, state string) (int64, error) {
	var order int64
	err := tx.QueryRow(ctx, `INSERT INTO orders (customer, state, cut) VALUES ($1, $2, $3) RETURNING id`, w.Customer, state, w.Cut).Scan(&order)
	if err != nil {
		return 0, err
	}
	pieces := w.pieces()
	parts, cloths, cms, minutes := make([]string, len(pieces)), make([]int, len(pieces)), make([]int, len(pieces)), make([]int, len(pieces))
	for i, p := range pieces {
		parts[i], cloths[i], cms[i], minutes[i] = p.Part, p.Cloth, p.CM, p.Minutes
	}
	tag, err := tx.Exec(ctx, `INSERT INTO pieces (order_id, part, cloth_id, cm, minutes)
		SELECT $1, * FROM unnest($2::text[], $3::int[], $4::int[], $5::int[])`, order, parts, cloths, cms, minutes)
	if err == nil && int(tag.RowsAffected()) != len(pieces) {
		err = fmt.Errorf("order %d: %s for %d pieces", order, tag, len(pieces))
	}
	return order, err
}

// discard takes an order off again, with its pieces.
func discard(ctx context.Context, tx pgx.Tx, order int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM orders WHERE id = $1`, order)
	return err
}

func priceOf(w Wish, perMetre map[int]float64) Price {
	var p Price
	for _, piece := range w.pieces() {
		p.Cloth += perMetre[piece.Cloth] * float64(piece.CM) / 100
		p.Work += hourly * float64(piece.Minutes) / 60
		p.Pieces++
	}
	p.Total = p.Cloth + p.Work
	return p
}

func cloths(ctx context.Context, tx pgx.Tx, ids ...int) (map[int]float64, error) {
	rows, err := tx.Query(ctx, `SELECT id, per_metre::float8 FROM cloths WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	prices := map[int]float64{}
	var id int
	var price float64
	_, err = pgx.ForEachRow(rows, []any{&id, &price}, func() error { prices[id] = price; return nil })
	return prices, err
}

// Preview saves the wish as a draft, so that the cutting plan checks it as it checks an order, and takes it off again.
func (s *Workshop) Preview(ctx context.Context, w Wish) (p Price, err error) {
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		draft, err := place(ctx, tx, w, "draft")
		if err != nil {
			return err
		}
		prices, err := cloths(ctx, tx, w.Cloth, w.Lining)
		if err != nil {
			return err
		}
		p = priceOf(w, prices)
		return discard(ctx, tx, draft)
	})
	return p, err
}

func (s *Workshop) Order(ctx context.Context, w Wish) (order int64, err error) {
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		order, err = place(ctx, tx, w, "cutting")
		return err
	})
	return order, err
}

type OrderLine struct {
	ID    int64     `json:"id"`
	State string    `json:"state"`
	Cut   string    `json:"cut"`
	Made  time.Time `json:"made_at"`
}

func (s *Workshop) OrdersOf(ctx context.Context, customer int) ([]OrderLine, error) {
	rows, err := s.db.Query(ctx, `SELECT id, state, cut, made_at FROM orders WHERE customer = $1 ORDER BY made_at DESC LIMIT 30`, customer)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[OrderLine])
}

func wish(w http.ResponseWriter, r *http.Request) (Wish, bool) {
	var in Wish
	err := json.NewDecoder(r.Body).Decode(&in)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	}
	return in, err == nil
}

func (s *Workshop) handlePreview(w http.ResponseWriter, r *http.Request) {
	if in, ok := wish(w, r); ok {
		price, err := s.Preview(r.Context(), in)
		answer(w, map[string]any{"cut": in.Cut, "price": price}, err)
	}
}

func (s *Workshop) handleOrder(w http.ResponseWriter, r *http.Request) {
	if in, ok := wish(w, r); ok {
		order, err := s.Order(r.Context(), in)
		answer(w, map[string]any{"order": order}, err)
	}
}

func (s *Workshop) handleOrders(w http.ResponseWriter, r *http.Request) {
	customer, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	orders, err := s.OrdersOf(r.Context(), customer)
	answer(w, orders, err)
}

func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		log.Print(err)
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 16
	db, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	s := &Workshop{db: db}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /previews", s.handlePreview)
	mux.HandleFunc("POST /orders", s.handleOrder)
	mux.HandleFunc("GET /customers/{id}/orders", s.handleOrders)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
