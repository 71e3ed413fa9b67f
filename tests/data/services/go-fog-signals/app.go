// Fog signals: what the lighthouse keepers are to sound, by the visibility that the coast station reports.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Report struct {
	Place  string  `json:"place"`
	Metres float64 `json:"metres"`
}

type Station struct {
	base   string
	client *http.Client
}

func (s *Station) visibility(place string) (Report, error) {
	var r Report
	resp, err := s.client.Get(s.base + "/visibility?place=" + place)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	return r, json.NewDecoder(resp.Body).Decode(&r)
}

func (s *Station) signal(w http.ResponseWriter, r *http.Request) {
	report, err := s.visibility(chi.URLParam(r, "place"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	every := 0
	if report.Metres < 1000 {
		every = 20
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"report": report, "every_s": every})
}

func noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		next.ServeHTTP(w, r)
		if took := time.Since(begun); took > 5*time.Second {
			log.Printf("%s took %s", r.URL.Path, took)
		}
	})
}

func main() {
	carrier := http.DefaultTransport.(*http.Transport).Clone()
	carrier.MaxIdleConnsPerHost = 64
	s := &Station{"http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"), &http.Client{Transport: carrier}}
	r := chi.NewRouter()
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	r.Group(func(r chi.Router) {
		r.Use(noted, middleware.ThrottleBacklog(3, 200, 30*time.Second))
		r.Get("/signals/{place}", s.signal)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
