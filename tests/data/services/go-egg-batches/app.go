// Egg packing station: farms deliver batches of trays, which are booked for the traceability register.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/julienschmidt/httprouter"
	_ "github.com/mattn/go-sqlite3"
)

const schema = `
CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY, farm INTEGER NOT NULL, house TEXT NOT NULL, day TEXT NOT NULL, eggs INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS trays (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL REFERENCES batches, size TEXT NOT NULL, eggs INTEGER NOT NULL,
                                  cracked INTEGER NOT NULL, stamp TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS trays_batch ON trays (batch);
CREATE INDEX IF NOT EXISTS batches_farm ON batches (farm, day);`

type Tray struct {
	Size    string `json:"size"`
	Eggs    int    `json:"eggs"`
	Cracked int    `json:"cracked"`
	Stamp   string `json:"stamp,omitempty"`
}

type Batch struct {
	ID    int64  `json:"id"`
	Farm  int    `json:"farm"`
	House string `json:"house"`
	Day   string `json:"day"`
	Eggs  int    `json:"eggs"`
	Trays []Tray `json:"trays,omitempty"`
}

// Register is the traceability register.
type Register struct {
	db *sql.DB
}

func openRegister(path string) (*Register, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=10000&_foreign_keys=on")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one writer at a time
	_, err = db.Exec(schema)
	return &Register{db: db}, err
}

func (r *Register) addBatch(ctx context.Context, b *Batch) error {
	res, err := r.db.ExecContext(ctx, `INSERT INTO batches (farm, house, day, eggs) VALUES (?, ?, ?, ?)`, b.Farm, b.House, b.Day, b.Eggs)
	if err != nil {
		return err
	}
	b.ID, err = res.LastInsertId()
	return err
}

func (r *Register) addTray(ctx context.Context, batch int64, t Tray) error {
	_, err := r.db.ExecContext(ctx, `INSERT INTO trays (batch, size, eggs, cracked, stamp) VALUES (?, ?, ?, ?, ?)`,
		batch, t.Size, t.Eggs, t.Cracked, t.Stamp)
	return err
}

// SaveBatch books a batch with its trays.
func (r *Register) SaveBatch(ctx context.Context, b *Batch) error {
	if err := r.addBatch(ctx, b); err != nil {
		return err
	}
	for i := range b.Trays {
		b.Trays[i].Stamp = stamp(b, i)
		if err := r.addTray(ctx, b.ID, b.Trays[i]); err != nil {
			return fmt.Errorf("tray %d: %w", i, err)
		}
	}
	return nil
}

func (r *Register) Batches(ctx context.Context, farm int, day string) ([]Batch, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT id, farm, house, day, eggs FROM batches WHERE farm = ? AND day = ? ORDER BY id DESC LIMIT 50`, farm, day)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	batches := []Batch{}
	for rows.Next() {
		var b Batch
		if err := rows.Scan(&b.ID, &b.Farm, &b.House, &b.Day, &b.Eggs); err != nil {
			return nil, err
		}
		batches = append(batches, b)
	}
	return batches, rows.Err()
}

func stamp(b *Batch, tray int) string {
	day, _ := time.Parse(time.DateOnly, b.Day)
	return fmt.Sprintf("1-NL-%04d%s-%03d-%02d", b.Farm, b.House, day.YearDay(), tray+1)
}

func (b *Batch) check() error {
	if _, err := time.Parse(time.DateOnly, b.Day); err != nil {
		return errors.New("day: YYYY-MM-DD")
	}
	if b.House == "" || len(b.Trays) == 0 || len(b.Trays) > 120 {
		return errors.New("a batch has a house and 1 to 120 trays")
	}
	for i, t := range b.Trays {
		switch t.Size {
		case "S", "M", "L", "XL":
		default:
			return fmt.Errorf("tray %d: size %q", i+1, t.Size)
		}
		if t.Eggs < 0 || t.Eggs > 30 || t.Cracked > t.Eggs {
			return fmt.Errorf("tray %d: %d eggs, %d cracked", i+1, t.Eggs, t.Cracked)
		}
		b.Eggs += t.Eggs - t.Cracked
	}
	return nil
}

type API struct {
	register *Register
}

func (a *API) post(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var b Batch
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&b); err != nil {
		http.Error(w, "not a batch", http.StatusBadRequest)
		return
	}
	b.Farm, _ = strconv.Atoi(p.ByName("farm"))
	if err := b.check(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if err := a.register.SaveBatch(r.Context(), &b); err != nil {
		log.Print(err)
		http.Error(w, "not booked", http.StatusInternalServerError)
		return
	}
	reply(w, http.StatusCreated, b)
}

func (a *API) list(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	farm, _ := strconv.Atoi(p.ByName("farm"))
	batches, err := a.register.Batches(r.Context(), farm, r.URL.Query().Get("day"))
	if err != nil {
		log.Print(err)
		http.Error(w, "register is not readable", http.StatusInternalServerError)
		return
	}
	reply(w, http.StatusOK, batches)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func main() {
	register, err := openRegister("eggs.db")
	if err != nil {
		log.Fatal(err)
	}
	api := &API{register: register}
	router := httprouter.New()
	router.GET("/healthz", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) { fmt.Fprintln(w, "ok") })
	router.POST("/farms/:farm/batches", api.post)
	router.GET("/farms/:farm/batches", api.list)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router))
}
