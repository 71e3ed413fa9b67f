// Heating engineers: boilers under contract and what was done to them.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	_ "github.com/lib/pq"
)

type Visit struct {
	ID       int64           `json:"id"`
	Engineer int             `json:"engineer"`
	Done     time.Time       `json:"done"`
	Sheet    json.RawMessage `json:"sheet"`
}

type History struct {
	Serial string  `json:"serial"`
	Visits []Visit `json:"visits"`
	Parts  int     `json:"parts"`
	Next   string  `json:"next_due,omitempty"`
}

type Visits struct {
	db      *sql.DB
	ofUnit  *sql.Stmt
	ofStaff *sql.Stmt
	insert  *sql.Stmt
}

func openVisits(ctx context.Context, url string) (*Visits, error) {
	db, err := sql.Open("postgres", url+"?sslmode=disable")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(12)
	db.SetMaxIdleConns(12)
	v := &Visits{db: db}
	for text, stmt := range map[string]**sql.Stmt{
		`SELECT id, engineer_id, done_at, sheet FROM visits WHERE sheet->>'serial' = $1 ORDER BY done_at DESC`:           &v.ofUnit,
		`SELECT id, engineer_id, done_at, sheet FROM visits WHERE engineer_id = $1 ORDER BY done_at DESC LIMIT 40`:       &v.ofStaff,
		`INSERT INTO visits (engineer_id, done_at, sheet) VALUES ($1, $2, $3) RETURNING id, engineer_id, done_at, sheet`: &v.insert,
	} {
		if *stmt, err = db.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *Visits) list(ctx context.Context, stmt *sql.Stmt, args ...any) ([]Visit, error) {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []Visit{}
	for rows.Next() {
		var one Visit
		if err := rows.Scan(&one.ID, &one.Engineer, &one.Done, &one.Sheet); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// History of a boiler: all that was done to it, and when it is due again.
func (v *Visits) History(ctx context.Context, serial string) (*History, error) {
	list, err := v.list(ctx, v.ofUnit, serial)
	if err != nil {
		return nil, err
	}
	h := &History{Serial: serial, Visits: list}
	for _, one := range list {
		var sheet struct {
			Parts []string `json:"parts"`
		}
		if err := json.Unmarshal(one.Sheet, &sheet); err != nil {
			return nil, err
		}
		h.Parts += len(sheet.Parts)
	}
	if len(list) > 0 {
		h.Next = list[0].Done.AddDate(1, 0, 0).Format(time.DateOnly)
	}
	return h, nil
}

type API struct{ visits *Visits }

func (a *API) history(w http.ResponseWriter, r *http.Request) {
	h, err := a.visits.History(r.Context(), chi.URLParam(r, "serial"))
	reply(w, h, err)
}

func (a *API) byEngineer(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(chi.URLParam(r, "id"))
	if err != nil {
		http.Error(w, "bad number", http.StatusBadRequest)
		return
	}
	list, err := a.visits.list(r.Context(), a.visits.ofStaff, id)
	reply(w, list, err)
}

func (a *API) add(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Engineer int             `json:"engineer"`
		Sheet    json.RawMessage `json:"sheet"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	list, err := a.visits.list(r.Context(), a.visits.insert, in.Engineer, time.Now(), []byte(in.Sheet))
	reply(w, list, err)
}

func reply(w http.ResponseWriter, v any, err error) {
	if err != nil {
		log.Print(err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func main() {
	visits, err := openVisits(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	api := &API{visits: visits}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/health", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	r.Get("/boilers/{serial}/history", api.history)
	r.Get("/engineers/{id}/visits", api.byEngineer)
	r.Post("/visits", api.add)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
