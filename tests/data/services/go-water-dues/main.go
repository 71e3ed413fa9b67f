// Dues of a water company: accounts, their invoices, and what is still open.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type Account struct {
	ID       int    `json:"id"`
	Holder   string `json:"holder"`
	Street   string `json:"street"`
	District string `json:"district"`
}

type Invoice struct {
	ID    int       `json:"id"`
	Due   time.Time `json:"due"`
	Cents int       `json:"cents"`
}

type Statement struct {
	Account Account   `json:"account"`
	Open    []Invoice `json:"open"`
	Total   int       `json:"total_cents"`
	Level   string    `json:"level"`
}

type Ledger struct{ pool *pgxpool.Pool }

func (l *Ledger) Account(ctx context.Context, id int) (a Account, err error) {
	err = l.pool.QueryRow(ctx, `
		SELECT a.id, a.holder, a.street, d.name FROM accounts a JOIN districts d ON d.id = a.district_id WHERE a.id = $1`,
		id).Scan(&a.ID, &a.Holder, &a.Street, &a.District)
	return a, err
}

func (l *Ledger) OpenInvoices(ctx context.Context, account int, on time.Time) ([]Invoice, error) {
	rows, err := l.pool.Query(ctx, `
		SELECT i.id, i.due_on, i.cents FROM invoices i
		 WHERE i.account_id = $1 AND i.due_on < $2
		   AND i.id NOT IN (SELECT p.invoice_id FROM payments p)
		 ORDER BY i.due_on`, account, on)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (v Invoice, err error) {
		err = row.Scan(&v.ID, &v.Due, &v.Cents)
		return v, err
	})
}

func (l *Ledger) History(ctx context.Context, account, limit int) ([]Invoice, error) {
	rows, err := l.pool.Query(ctx, `
		SELECT id, due_on, cents FROM invoices WHERE account_id = $1 ORDER BY due_on DESC LIMIT $2`, account, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Invoice])
}

func (l *Ledger) Pay(ctx context.Context, invoice, cents int, channel string) error {
	_, err := l.pool.Exec(ctx, `
		INSERT INTO payments (id, invoice_id, paid_on, cents, channel)
		SELECT max(id) + 1, $1, current_date, $2, $3 FROM payments`, invoice, cents, channel)
	return err
}

func level(open []Invoice, on time.Time) string {
	if len(open) == 0 {
		return "clear"
	}
	switch days := int(on.Sub(open[0].Due).Hours() / 24); {
	case days > 120 || len(open) > 4:
		return "court"
	case days > 30:
		return "warning"
	}
	return "reminder"
}

type server struct{ ledger *Ledger }

func (s *server) statement(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return errBadRequest
	}
	on, err := time.Parse(time.DateOnly, r.URL.Query().Get("on"))
	if err != nil {
		on = time.Now()
	}
	account, err := s.ledger.Account(r.Context(), id)
	if err != nil {
		return err
	}
	st := Statement{Account: account}
	if st.Open, err = s.ledger.OpenInvoices(r.Context(), id, on); err != nil {
		return err
	}
	for _, v := range st.Open {
		st.Total += v.Cents
	}
	st.Level = level(st.Open, on)
	return writeJSON(w, st)
}

func (s *server) history(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return errBadRequest
	}
	invoices, err := s.ledger.History(r.Context(), id, 12)
	if err != nil {
		return err
	}
	return writeJSON(w, invoices)
}

func (s *server) pay(w http.ResponseWriter, r *http.Request) error {
	var p struct {
		Invoice, Cents int
		Channel        string
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil || p.Cents <= 0 {
		return errBadRequest
	}
	if err := s.ledger.Pay(r.Context(), p.Invoice, p.Cents, p.Channel); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var errBadRequest = errors.New("bad request")

type handler func(http.ResponseWriter, *http.Request) error

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch err := h(w, r); {
	case err == nil:
	case errors.Is(err, errBadRequest):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case errors.Is(err, pgx.ErrNoRows):
		http.NotFound(w, r)
	default:
		log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
		http.Error(w, "internal", http.StatusInternalServerError)
	}
}

func writeJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}

func main() {
	cfg, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	cfg.MaxConns = 12
	cfg.ConnConfig.RuntimeParams["application_name"] = "dues"
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	s := &server{ledger: &Ledger{pool: pool}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("GET /accounts/{id}/statement", handler(s.statement))
	mux.Handle("GET /accounts/{id}/invoices", handler(s.history))
	mux.Handle("POST /payments", handler(s.pay))
	srv := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(srv.ListenAndServe())
}
