// Parcel manifests: closes a route and hands its stops to the depot scanners.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Parcel struct {
	Barcode string  `json:"barcode"`
	WeightG int     `json:"weight_g"`
	Zone    string  `json:"zone"`
	Value   float64 `json:"value"`
}

type Stop struct {
	Seq     int      `json:"seq"`
	Street  string   `json:"street"`
	Parcels []Parcel `json:"parcels"`
}

type closeRequest struct {
	Route string `json:"route"`
	Shift string `json:"shift"`
}

type server struct {
	depot *Depot
}

// stopsOf plans the stops of a route.
func stopsOf(route string) []Stop {
	streets := []string{"Harbour Rd", "Mill Lane", "Station Sq", "Abbey Close", "Orchard Way", "Tanner St"}
	stops := make([]Stop, 0, 42)
	for i := 0; i < 42; i++ {
		s := Stop{Seq: i + 1, Street: fmt.Sprintf("%d %s", 3+i*7, streets[i%len(streets)])}
		for j := 0; j < 2+i%3; j++ {
			s.Parcels = append(s.Parcels, Parcel{
				Barcode: fmt.Sprintf("%s-%03d-%02d", strings.ToUpper(route), i, j),
				WeightG: 250 + 130*j + 17*i, Zone: string(rune('A' + i%4)), Value: float64(i*j) * 1.75,
			})
		}
		stops = append(stops, s)
	}
	return stops
}

func (s *server) closeRoute(w http.ResponseWriter, r *http.Request) {
	var in closeRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Route == "" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	stops := stopsOf(in.Route)
	m, err := s.depot.Publish(in.Route, in.Shift, stops)
	if err != nil {
		log.Print(err)
		http.Error(w, "could not close the route", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(m)
}

func (s *server) route(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(stopsOf(chi.URLParam(r, "route")))
}

func main() {
	depot, err := OpenDepot("outbox")
	if err != nil {
		log.Fatal(err)
	}
	go depot.Sweep(2 * time.Second)
	s := &server{depot: depot}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer, middleware.Timeout(30*time.Second))
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/routes/{route}", s.route)
	r.Post("/routes/close", s.closeRoute)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
