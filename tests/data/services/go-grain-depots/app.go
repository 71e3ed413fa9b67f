// Grain depots: what is in stock, as the scales of the depot tell.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Scales struct {
	base   string
	client *http.Client
}

func (s *Scales) weigh(depot string) (string, error) {
	resp, err := s.client.Get(s.base + "/scales/" + depot)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func (s *Scales) stock(w http.ResponseWriter, r *http.Request) {
	tons, err := s.weigh(chi.URLParam(r, "id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"depot": chi.URLParam(r, "id"), "tons": tons})
}

func main() {
	s := &Scales{
		base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{
			Timeout: 10 * time.Second,
			Transport: &http.Transport{
				MaxConnsPerHost:     2,
				MaxIdleConnsPerHost: 2,
				IdleConnTimeout:     time.Minute,
			},
		},
	}
	r := chi.NewRouter()
	r.Mount("/debug", middleware.Profiler())
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	r.Get("/depots/{id}/stock", s.stock)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
