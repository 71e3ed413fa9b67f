// Pharmacy counter: checks a prescription, and says what the patient pays.
package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/mux"
)

type Item struct {
	Code string `json:"code"`
	Pack int    `json:"pack"`
}

type Prescription struct {
	Patient string `json:"patient"`
	Plan    string `json:"plan"`
	Items   []Item `json:"items"`
}

type Line struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Cents   int      `json:"cents"`
	Copay   int      `json:"copay"`
	Warning []string `json:"warnings,omitempty"`
}

type Drug struct {
	Name   string
	Cents  int
	Groups []string
}

var catalogue = map[string]Drug{
	"A10": {"Metformin 500", 410, []string{"biguanide"}},
	"B01": {"Warfarin 5", 690, []string{"anticoagulant"}},
	"C09": {"Ramipril 5", 520, []string{"ace"}},
	"M01": {"Ibuprofen 400", 350, []string{"nsaid"}},
	"N02": {"Paracetamol 500", 240, nil},
}

var clashes = map[[2]string]string{
	{"anticoagulant", "nsaid"}: "bleeding",
	{"ace", "nsaid"}:           "kidney",
}

var errUnknownItem = errors.New("unknown item")

// warnings are the clashes of the item at k with those before it.
func warnings(items []Item, k int) (found []string) {
	for _, other := range items[:k] {
		for _, a := range catalogue[other.Code].Groups {
			for _, b := range catalogue[items[k].Code].Groups {
				for _, pair := range [][2]string{{a, b}, {b, a}} {
					if w, ok := clashes[pair]; ok {
						found = append(found, w+": "+other.Code)
					}
				}
			}
		}
	}
	return found
}

type counter struct {
	members *Members
	plans   *Plans
}

func (c *counter) check(p Prescription, r *http.Request) ([]Line, error) {
	lines := make([]Line, 0, len(p.Items))
	for k, item := range p.Items {
		d, ok := catalogue[item.Code]
		if !ok {
			return nil, errUnknownItem
		}
		pack := max(1, item.Pack)
		lines = append(lines, Line{Code: item.Code, Name: d.Name, Cents: d.Cents * pack, Warning: warnings(p.Items, k)})
	}
	member, err := c.members.ByNumber(r.Context(), p.Patient)
	if err != nil {
		return nil, err
	}
	cover, err := c.plans.Cover(r.Context(), p.Plan)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		lines[i].Copay = cover.Copay(lines[i].Code, lines[i].Cents, member.Exempt)
	}
	return lines, nil
}

func (c *counter) quote(w http.ResponseWriter, r *http.Request) {
	var p Prescription
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<15)).Decode(&p); err != nil || len(p.Items) == 0 {
		http.Error(w, "not a prescription", http.StatusBadRequest)
		return
	}
	lines, err := c.check(p, r)
	switch {
	case errors.Is(err, errUnknownItem):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	case err != nil:
		log.Print(err)
		http.Error(w, "insurer does not answer", http.StatusBadGateway)
	default:
		total := 0
		for _, l := range lines {
			total += l.Copay
		}
		answer(w, map[string]any{"patient": p.Patient, "lines": lines, "pay": total})
	}
}

func (c *counter) item(w http.ResponseWriter, r *http.Request) {
	d, ok := catalogue[mux.Vars(r)["code"]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	answer(w, d)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	client := newClient(4 * time.Second)
	base := "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")
	c := &counter{members: &Members{base: base, client: client}, plans: &Plans{base: base, client: client}}
	r := mux.NewRouter()
	r.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { answer(w, "ok") })
	r.HandleFunc("/quotes", c.quote).Methods(http.MethodPost)
	r.HandleFunc("/items/{code}", c.item).Methods(http.MethodGet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
