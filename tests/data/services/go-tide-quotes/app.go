// Exchange quotes for the web shop.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

type Quote struct {
	Currency string    `json:"currency"`
	Rate     float64   `json:"rate"`
	Taken    time.Time `json:"taken"`
}

type Desk struct {
	mu       sync.RWMutex
	quotes   map[string]Quote
	upstream string
	client   *http.Client
}

func (d *Desk) quote(currency string) (Quote, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	resp, err := d.client.Get(d.upstream + "/rates/" + currency)
	if err != nil {
		return Quote{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Quote{}, err
	}
	q := Quote{Currency: currency, Taken: time.Now()}
	if err := json.Unmarshal(body, &q.Rate); err != nil {
		return Quote{}, err
	}
	d.quotes[currency] = q
	return q, nil
}

func (d *Desk) latest(w http.ResponseWriter, r *http.Request) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	json.NewEncoder(w).Encode(d.quotes)
}

func (d *Desk) serve(w http.ResponseWriter, r *http.Request) {
	q, err := d.quote(strings.TrimPrefix(r.URL.Path, "/quotes/"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(q)
}

func main() {
	d := &Desk{
		quotes:   map[string]Quote{},
		upstream: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client:   &http.Client{Timeout: 5 * time.Second},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/latest", d.latest)
	mux.HandleFunc("/quotes/", d.serve)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
