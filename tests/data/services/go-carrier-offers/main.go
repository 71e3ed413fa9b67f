// Carrier offers: asks a freight exchange for the offers of each leg of a shipment and adds them up.
package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/render"
)

type server struct {
	exchange *Exchange
	margin   float64
}

type offer struct {
	Shipment string  `json:"shipment"`
	Carrier  string  `json:"carrier"`
	Net      float64 `json:"net"`
	Gross    float64 `json:"gross"`
	Until    string  `json:"until"`
}

func (s *server) getOffer(w http.ResponseWriter, r *http.Request) {
	shipment := chi.URLParam(r, "shipment")
	q, err := s.exchange.Quote(r.Context(), shipment, r.URL.Query().Get("kg"))
	if err != nil {
		slog.Error("no offer", "shipment", shipment, "error", err)
		render.Status(r, http.StatusBadGateway)
		render.JSON(w, r, map[string]string{"error": "the freight exchange does not answer"})
		return
	}
	render.JSON(w, r, offer{
		Shipment: shipment,
		Carrier:  q.Carrier,
		Net:      q.Price,
		Gross:    q.Price * (1 + s.margin),
		Until:    time.Now().Add(30 * time.Minute).Format(time.RFC3339),
	})
}

func main() {
	s := &server{exchange: NewExchange("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")), margin: 0.12}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/shipments/{shipment}/offer", s.getOffer)
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}
