// Weighbridge tickets of a group of quarries, and what was hauled from them.
package main

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

var plateForm = regexp.MustCompile(`^[A-Z]{2}[0-9]{2} [A-Z]{3}$`)

type api struct {
	book   *Book
	totals *Memo
}

// hauls lists a day's tickets of a quarry, with running totals by material.
func (a *api) hauls(w http.ResponseWriter, r *http.Request) {
	site := chi.URLParam(r, "site")
	day, err := time.Parse(time.DateOnly, r.URL.Query().Get("day"))
	if err != nil {
		http.Error(w, "day is needed", http.StatusBadRequest)
		return
	}
	tickets := a.book.Day(site, day)
	w.Header().Set("Content-Type", "text/csv")
	out := csv.NewWriter(w)
	_ = out.Write([]string{"ticket", "time", "plate", "material", "gross", "tare", "net", "total", "plate_ok"})
	running := map[string]int{}
	row := make([]string, 9)
	for _, t := range tickets {
		running[t.Material] += t.Net()
		row[0], row[1], row[2] = strconv.Itoa(t.ID), t.At.Format("15:04:05"), t.Plate
		row[3], row[4], row[5] = t.Material, strconv.Itoa(t.Gross), strconv.Itoa(t.Tare)
		row[6], row[7] = strconv.Itoa(t.Net()), strconv.Itoa(running[t.Material])
		row[8] = strconv.FormatBool(plateForm.MatchString(t.Plate))
		if err := out.Write(row); err != nil {
			return
		}
	}
	out.Flush()
}

func (a *api) month(w http.ResponseWriter, r *http.Request) {
	site, month := chi.URLParam(r, "site"), chi.URLParam(r, "month")
	sums := a.totals.Get(site+"/"+month, func() map[string]int {
		return a.book.Month(site, month)
	})
	writeJSON(w, http.StatusOK, sums)
}

func (a *api) weigh(w http.ResponseWriter, r *http.Request) {
	var t Ticket
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil || t.Gross <= t.Tare {
		http.Error(w, "not a ticket", http.StatusUnprocessableEntity)
		return
	}
	t.At = time.Now().UTC()
	t = a.book.Add(chi.URLParam(r, "site"), t)
	a.totals.Forget(chi.URLParam(r, "site") + "/" + t.At.Format("2006-01"))
	writeJSON(w, http.StatusCreated, t)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	book := NewBook()
	began := time.Now()
	for i, site := range []string{"stonegate", "highfell", "blackmoor"} {
		book.Load(site, int64(i+3), 45, 1100)
	}
	log.Printf("loaded %d tickets in %s", book.Len(), time.Since(began).Round(time.Millisecond))
	go book.KeepSaved("tickets.snapshot", 2*time.Second)

	a := &api{book: book, totals: NewMemo(64)}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer, middleware.Compress(gzip.BestSpeed, "text/csv", "application/json"))
	r.Get("/ping", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "pong") })
	r.Route("/sites/{site}", func(r chi.Router) {
		r.Get("/hauls.csv", a.hauls)
		r.Get("/months/{month}", a.month)
		r.Post("/tickets", a.weigh)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
