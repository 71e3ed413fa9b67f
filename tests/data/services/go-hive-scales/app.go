// Hive scales: beekeepers' scales report the weight of their hives; a research station gets all of it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"time"
)

type weighing struct {
	Grams   int     `json:"grams"`
	Celsius float64 `json:"celsius"`
	At      string  `json:"at"`
}

func (w weighing) check() error {
	if w.Grams < 2000 || w.Grams > 180000 {
		return fmt.Errorf("%d grams is not the weight of a hive", w.Grams)
	}
	if math.Abs(w.Celsius) > 60 {
		return fmt.Errorf("%.1f degrees is out of range", w.Celsius)
	}
	return nil
}

type handlers struct{ yards *Yards }

func (h *handlers) postWeighing(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("hive"))
	if err != nil {
		http.Error(w, "hive: a number is needed", http.StatusBadRequest)
		return
	}
	var in weighing
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in); err != nil {
		http.Error(w, "cannot read the weighing", http.StatusBadRequest)
		return
	}
	if err := in.check(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	at, err := time.Parse(time.RFC3339, in.At)
	if err != nil {
		at = time.Now()
	}
	trend, ok := h.yards.Record(id, Sample{At: at, Grams: in.Grams, Celsius: in.Celsius})
	if !ok {
		http.Error(w, "no such hive", http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusCreated)
	write(w, trend)
}

func (h *handlers) getHive(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("hive"))
	hive, ok := h.yards.Hive(id)
	if !ok {
		http.Error(w, "no such hive", http.StatusNotFound)
		return
	}
	write(w, hive)
}

func (h *handlers) getYard(w http.ResponseWriter, r *http.Request) {
	sum, n := h.yards.Total(r.PathValue("yard"))
	if n == 0 {
		http.Error(w, "no such yard", http.StatusNotFound)
		return
	}
	write(w, map[string]any{"hives": n, "grams": sum})
}

func write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func jsonType(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		next.ServeHTTP(w, r)
	})
}

func main() {
	yards := NewYards([]string{"orchard", "moor", "quarry", "rooftop", "vicarage", "lime walk"}, 14)
	station := NewStation("http://127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), yards)
	go station.Run(context.Background(), 50*time.Millisecond)

	h := &handlers{yards: yards}
	api := http.NewServeMux()
	api.HandleFunc("POST /hives/{hive}/weighings", h.postWeighing)
	api.HandleFunc("GET /hives/{hive}", h.getHive)
	api.HandleFunc("GET /yards/{yard}", h.getYard)

	root := http.NewServeMux()
	root.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	root.Handle("/debug/pprof/", http.DefaultServeMux)
	root.Handle("/", jsonType(api))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), root))
}
