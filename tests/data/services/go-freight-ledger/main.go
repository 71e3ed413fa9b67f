// Freight ledger: waybills of the quarter and what was charged on which lane.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

type service struct {
	ledger *Ledger
	log    *slog.Logger
}

func (s *service) lanes(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	totals := s.ledger.Lanes(q.Get("sender"), strings.ToUpper(q.Get("from")))
	s.write(w, map[string]any{"lanes": totals, "made": time.Now().UTC()})
}

func (s *service) waybill(w http.ResponseWriter, r *http.Request) {
	bill, ok := s.ledger.byNumber[r.PathValue("number")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	charges := make(map[string]string)
	for _, c := range bill.Charges {
		charges[c.Kind] = c.Amount.String()
	}
	s.write(w, map[string]any{"number": bill.Number, "from": bill.From.Name, "to": bill.To.Name, "charges": charges})
}

func (s *service) sender(w http.ResponseWriter, r *http.Request) {
	var numbers []string
	for bill := s.ledger.bySender[r.PathValue("name")]; bill != nil; bill = bill.Next {
		numbers = append(numbers, bill.Number)
	}
	s.write(w, numbers)
}

func (s *service) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.log.Warn("write", "error", err)
	}
}

func (s *service) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		next.ServeHTTP(w, r)
		s.log.Debug("request", "path", r.URL.Path, "took", time.Since(begun))
	})
}

func main() {
	size := flag.Int("waybills", 150000, "how many waybills to load")
	headroom := flag.Int("headroom", 20, "percent of memory over what the ledger takes")
	flag.Parse()
	debug.SetGCPercent(*headroom)

	s := &service{log: slog.New(slog.NewTextHandler(os.Stderr, nil)), ledger: loadLedger(*size)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("ok")) })
	mux.HandleFunc("GET /lanes", s.lanes)
	mux.HandleFunc("GET /waybills/{number}", s.waybill)
	mux.HandleFunc("GET /senders/{name}/waybills", s.sender)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), s.logged(mux)))
}
