// Raffles of clubs: tickets are sold on the web, paid by card.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
)

type Raffle struct {
	ID      int       `db:"id" json:"id"`
	Name    string    `db:"name" json:"name"`
	Price   int       `db:"price_cents" json:"price_cents"`
	DrawsOn time.Time `db:"draws_on" json:"draws_on"`
}

type Ticket struct {
	ID     int64     `db:"id" json:"id"`
	Number string    `db:"number" json:"number"`
	Buyer  string    `db:"buyer" json:"buyer"`
	Sold   time.Time `db:"sold_at" json:"sold_at"`
}

type Order struct {
	Buyer string `json:"buyer"`
	Count int    `json:"count"`
	Card  string `json:"card"`
}

var errDeclined = errors.New("card declined")

// Cards is the payment provider.
type Cards struct {
	url    string
	client *http.Client
}

func (c *Cards) charge(ctx context.Context, card string, cents int) (string, error) {
	body, _ := json.Marshal(map[string]any{"card": card, "cents": cents})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct{ Charge, Status string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if answer.Status != "ok" {
		return "", errDeclined
	}
	return answer.Charge, nil
}

type Shop struct {
	db    *sqlx.DB
	cards *Cards
}

func openShop(dsn string, cards *Cards) (*Shop, error) {
	db, err := sqlx.Connect("postgres", dsn+"?sslmode=disable")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(3)
	db.SetMaxIdleConns(3)
	return &Shop{db: db, cards: cards}, nil
}

func number() string {
	var raw [5]byte
	rand.Read(raw[:])
	return base32.StdEncoding.EncodeToString(raw[:])
}

// Sell reserves the tickets, charges the card and confirms them.
func (s *Shop) Sell(ctx context.Context, raffle int, o Order) ([]Ticket, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()

	var price int
	if err := tx.GetContext(ctx, &price, `SELECT price_cents FROM raffles WHERE id = $1`, raffle); err != nil {
		return nil, err
	}
	tickets := make([]Ticket, o.Count)
	for i := range tickets {
		err := tx.GetContext(ctx, &tickets[i], `
			INSERT INTO tickets (raffle_id, number, buyer) VALUES ($1, $2, $3)
			RETURNING id, number, buyer, sold_at`, raffle, number(), o.Buyer)
		if err != nil {
			return nil, err
		}
	}
	payment, err := s.cards.charge(ctx, o.Card, price*o.Count)
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE tickets SET payment = $1 WHERE id >= $2 AND id <= $3 AND buyer = $4 AND payment IS NULL`,
		payment, tickets[0].ID, tickets[len(tickets)-1].ID, o.Buyer)
	if err != nil {
		return nil, err
	}
	return tickets, tx.Commit()
}

func (s *Shop) Raffle(ctx context.Context, id int) (r Raffle, err error) {
	err = s.db.GetContext(ctx, &r, `SELECT id, name, price_cents, draws_on FROM raffles WHERE id = $1`, id)
	return r, err
}

func (s *Shop) Latest(ctx context.Context, raffle int) (tickets []Ticket, err error) {
	err = s.db.SelectContext(ctx, &tickets, `
		SELECT id, number, buyer, sold_at FROM tickets WHERE raffle_id = $1 ORDER BY id DESC LIMIT 20`, raffle)
	return tickets, err
}

func (o Order) validate() error {
	switch {
	case strings.TrimSpace(o.Buyer) == "":
		return errors.New("who buys?")
	case o.Count < 1 || o.Count > 20:
		return errors.New("1 to 20 tickets")
	case !strings.HasPrefix(o.Card, "tok_"):
		return errors.New("card token is missing")
	}
	return nil
}

func (s *Shop) sell(w http.ResponseWriter, r *http.Request) {
	var order Order
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	if err := order.validate(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	raffle, _ := strconv.Atoi(r.PathValue("raffle"))
	tickets, err := s.Sell(r.Context(), raffle, order)
	respond(w, http.StatusCreated, tickets, err)
}

func (s *Shop) show(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("raffle"))
	raffle, err := s.Raffle(r.Context(), id)
	if err != nil {
		respond(w, 0, nil, err)
		return
	}
	latest, err := s.Latest(r.Context(), id)
	respond(w, http.StatusOK, map[string]any{"raffle": raffle, "latest": latest}, err)
}

func respond(w http.ResponseWriter, status int, v any, err error) {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		http.Error(w, "no such raffle", http.StatusNotFound)
	case errors.Is(err, errDeclined):
		http.Error(w, err.Error(), http.StatusPaymentRequired)
	case err != nil:
		log.Print(err)
		http.Error(w, "please try again", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
}

func main() {
	cards := &Cards{
		url:    "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/charges",
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}
	shop, err := openShop(os.Getenv("DATABASE_URL"), cards)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /raffles/{raffle}/tickets", shop.sell)
	mux.HandleFunc("GET /raffles/{raffle}", shop.show)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
