// Baggage of coach and flight tours: tags, fees and the manifest that goes with the driver.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
)

type Bag struct {
	Seat  int `json:"seat"`
	Grams int `json:"grams"`
}

type Tour struct {
	ID    string `json:"id"`
	To    string `json:"to"`
	Bags  []Bag  `json:"bags"`
	Total int    `json:"total_grams"`
}

type Tariff struct {
	FreeGrams  int
	HeavyGrams int
	PerKilo    float64
}

type Service struct {
	tours map[string]*Tour
	halls map[string]*Hall // by locale
}

type order struct {
	Vehicle string `json:"vehicle"`
	Rows    int    `json:"rows"`
	Locale  string `json:"locale"`
}

type answer struct {
	Tour    string  `json:"tour"`
	Vehicle string  `json:"vehicle"`
	Lines   []Line  `json:"lines"`
	Kilos   float64 `json:"kilos"`
	Fees    float64 `json:"fees"`
	Heavy   int     `json:"heavy"`
}

func (s *Service) manifest(w http.ResponseWriter, r *http.Request) {
	tour, ok := s.tours[r.PathValue("tour")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	var o order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	hall, ok := s.halls[o.Locale]
	if !ok {
		hall = s.halls["en"]
	}
	a := answer{Tour: tour.ID, Vehicle: o.Vehicle, Lines: hall.Manifest(tour, o.Vehicle, o.Rows)}
	for _, l := range a.Lines {
		a.Kilos += l.Kilos
		a.Fees += l.Fee
		if l.Remark != "" {
			a.Heavy++
		}
	}
	reply(w, a)
}

func (s *Service) tour(w http.ResponseWriter, r *http.Request) {
	tour, ok := s.tours[r.PathValue("tour")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	reply(w, tour)
}

func (s *Service) list(w http.ResponseWriter, r *http.Request) {
	type short struct {
		ID   string `json:"id"`
		To   string `json:"to"`
		Bags int    `json:"bags"`
	}
	all := make([]short, 0, len(s.tours))
	for _, t := range s.tours {
		all = append(all, short{t.ID, t.To, len(t.Bags)})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	reply(w, all)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func plan() map[string]*Tour {
	rnd := rand.New(rand.NewSource(8))
	places := []string{"Bled", "Meran", "Kotor", "Annecy", "Gdansk"}
	tours := map[string]*Tour{}
	for i := 1; i <= 40; i++ {
		t := &Tour{ID: fmt.Sprintf("T%d", i), To: places[rnd.Intn(len(places))]}
		for seat := 1; seat <= 44; seat++ {
			g := 9000 + rnd.Intn(17000)
			t.Bags = append(t.Bags, Bag{seat, g})
			t.Total += g
		}
		tours[t.ID] = t
	}
	return tours
}

func main() {
	t := Tariff{FreeGrams: 18000, HeavyGrams: 21000, PerKilo: 4.5}
	s := &Service{tours: plan(), halls: map[string]*Hall{}}
	for _, locale := range []string{"de", "fr", "en"} {
		s.halls[locale] = NewHall(locale, t, "Alpine")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /tours", s.list)
	mux.HandleFunc("GET /tours/{tour}", s.tour)
	mux.HandleFunc("POST /tours/{tour}/manifest", s.manifest)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
