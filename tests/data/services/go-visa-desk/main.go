// Visa desk: checks the photo of an application with the imaging service.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

type application struct {
	ID      string `json:"id"`
	Country string `json:"country"`
	Photo   string `json:"photo"`
}

type desk struct {
	checks *Checker
}

func (d *desk) submit(w http.ResponseWriter, r *http.Request) {
	var app application
	if err := json.NewDecoder(r.Body).Decode(&app); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	verdict, err := d.checks.Check(ctx, app)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"id": app.ID, "accepted": verdict.Score >= limitOf(app.Country), "verdict": verdict})
}

func limitOf(country string) float64 {
	switch country {
	case "US", "CA":
		return 0.9
	case "JP":
		return 0.85
	}
	return 0.8
}

func main() {
	d := &desk{checks: NewChecker("http://127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), 2)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /applications", d.submit)
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
