// Instrument hire of a music school: who has which instrument, as a page for the office and as JSON for the others.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type Hire struct {
	ID         int
	Instrument string
	Serial     string
	PupilID    int
	Since      time.Time
	Deposit    int

	ctx context.Context
	db  *pgxpool.Pool
}

type Pupil struct {
	ID   int
	Name string
	Year int
}

type Visit struct {
	Day  time.Time
	What string
}

// Pupil who has the instrument.
func (h *Hire) Pupil() (*Pupil, error) {
	p := new(Pupil)
	err := h.db.QueryRow(h.ctx, `SELECT pupil_id, name, school_year FROM pupils WHERE pupil_id = $1`, h.PupilID).
		Scan(&p.ID, &p.Name, &p.Year)
	if errors.Is(err, pgx.ErrNoRows) {
		return &Pupil{ID: h.PupilID, Name: "(left)"}, nil
	}
	return p, err
}

// Workshop is the latest visit of the instrument to the workshop, nil if it never was there.
func (h *Hire) Workshop() (*Visit, error) {
	v := new(Visit)
	err := h.db.QueryRow(h.ctx, `SELECT day, what FROM workshop_visits WHERE serial = $1 ORDER BY day DESC LIMIT 1`, h.Serial).
		Scan(&v.Day, &v.What)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return v, err
}

func (h *Hire) Months() int { return int(time.Since(h.Since).Hours() / 24 / 30) }

// Hires reads from the database.
type Hires struct{ db *pgxpool.Pool }

const hireColumns = `SELECT hire_id, instrument, serial, pupil_id, since, deposit_cents FROM hires `

func (hs *Hires) scan(ctx context.Context, rows pgx.Rows, err error) ([]*Hire, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Hire, error) {
		h := &Hire{ctx: ctx, db: hs.db}
		return h, row.Scan(&h.ID, &h.Instrument, &h.Serial, &h.PupilID, &h.Since, &h.Deposit)
	})
}

func (hs *Hires) Open(ctx context.Context, branch string) ([]*Hire, error) {
	rows, err := hs.db.Query(ctx, hireColumns+`WHERE branch = $1 AND returned IS NULL ORDER BY since, hire_id`, branch)
	return hs.scan(ctx, rows, err)
}

func (hs *Hires) One(ctx context.Context, id string) (*Hire, error) {
	rows, err := hs.db.Query(ctx, hireColumns+`WHERE hire_id = $1::text::int`, id)
	list, err := hs.scan(ctx, rows, err)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (hs *Hires) Branches(ctx context.Context) (map[string]int, error) {
	rows, err := hs.db.Query(ctx, `SELECT branch, count(*)::int FROM hires WHERE returned IS NULL GROUP BY branch`)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	var branch string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&branch, &n}, func() error {
		counts[branch] = n
		return nil
	})
	return counts, err
}

var pages = template.Must(template.New("ledger").Funcs(template.FuncMap{
	"euros": func(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) },
	"day":   func(t time.Time) string { return t.Format("2 Jan 2006") },
	"title": func(s string) string { return strings.ToUpper(s[:1]) + s[1:] },
}).Parse(`{{define "row"}}<tr id="h{{.ID}}"><td>{{title .Instrument}} <small>{{.Serial}}</small>
{{- with .Pupil}}<td>{{.Name}}, year {{.Year}}{{end -}}
<td>{{day .Since}} ({{.Months}} months)<td>{{euros .Deposit}}
{{- with .Workshop}}<td>{{.What}}, {{day .Day}}{{else}}<td>never{{end}}</tr>
{{end -}}
<!doctype html><title>{{title .Branch}}</title><h1>Out on hire: {{len .Hires}}</h1>
<table>{{range .Hires}}{{template "row" .}}{{end}}</table>`))

type Office struct{ hires *Hires }

func (o *Office) ledger(w http.ResponseWriter, r *http.Request) error {
	branch := r.PathValue("branch")
	open, err := o.hires.Open(r.Context(), branch)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := pages.Execute(&page, map[string]any{"Branch": branch, "Hires": open}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = page.WriteTo(w)
	return err
}

func (o *Office) hire(w http.ResponseWriter, r *http.Request) error {
	h, err := o.hires.One(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if h == nil {
		http.NotFound(w, r)
		return nil
	}
	pupil, err := h.Pupil()
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(map[string]any{"id": h.ID, "instrument": h.Instrument, "pupil": pupil.Name, "months": h.Months()})
}

func (o *Office) branches(w http.ResponseWriter, r *http.Request) error {
	counts, err := o.hires.Branches(r.Context())
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(counts)
}

func checked(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			slog.Error("request", "path", r.URL.Path, "error", err)
			http.Error(w, "not now", http.StatusInternalServerError)
		}
	}
}

func main() {
	cfg, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		slog.Error("DATABASE_URL", "error", err)
		os.Exit(1)
	}
	cfg.MaxConns, cfg.MinConns = 16, 4
	cfg.ConnConfig.RuntimeParams["application_name"] = "hire-office"
	db, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		slog.Error("pool", "error", err)
		os.Exit(1)
	}
	defer db.Close()
	o := &Office{hires: &Hires{db: db}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /branches", checked(o.branches))
	mux.HandleFunc("GET /branches/{branch}/ledger", checked(o.ledger))
	mux.HandleFunc("GET /hires/{id}", checked(o.hire))
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux); err != nil {
		slog.Error("listen", "error", err)
	}
}
