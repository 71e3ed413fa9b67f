// Donor register of a relief fund: receipts, donors and the check of new names against the register.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"net/http/pprof"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

type Donor struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Street string `json:"street"`
	Town   string `json:"town"`
	Since  int    `json:"since"`
	Total  int    `json:"total_cents"`

	plainName   string
	plainStreet string
}

type Match struct {
	Donor Donor   `json:"donor"`
	Score float64 `json:"score"`
	Sure  bool    `json:"sure"`
}

type Register struct {
	donors []Donor
	byTown map[string][]int
	checks atomic.Int64
}

var folding = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", ".", " ", "-", " ", "str ", "strasse ")

// plain brings names and streets to the form in which they are compared.
func plain(s string) string {
	return strings.Join(strings.Fields(folding.Replace(strings.ToLower(s)+" ")), " ")
}

// edits counts the letters that must be put in, taken out or replaced to make b of a.
func edits(a, b string) int {
	table := [64][64]int{}
	if len(a) > 63 {
		a = a[:63]
	}
	if len(b) > 63 {
		b = b[:63]
	}
	for i := 0; i <= len(a); i++ {
		table[i][0] = i
	}
	for j := 0; j <= len(b); j++ {
		table[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			table[i][j] = min(table[i-1][j]+1, table[i][j-1]+1, table[i-1][j-1]+cost)
		}
	}
	return table[len(a)][len(b)]
}

func closeness(a, b string) float64 {
	longest := max(len(a), len(b))
	if longest == 0 {
		return 1
	}
	return 1 - float64(edits(a, b))/float64(longest)
}

// Similar returns the donors that may be the same person, the likeliest first.
func (r *Register) Similar(name, street, town string, limit int) []Match {
	r.checks.Add(1)
	name, street = plain(name), plain(street)
	found := make([]Match, 0, 64)
	for i := range r.donors {
		d := &r.donors[i]
		score := 0.75 * closeness(name, d.plainName)
		if score < 0.42 {
			continue
		}
		score += 0.15 * closeness(street, d.plainStreet)
		if strings.EqualFold(town, d.Town) {
			score += 0.1
		}
		if score > 0.5 {
			found = append(found, Match{Donor: *d, Score: score, Sure: score > 0.93})
		}
	}
	slices.SortFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Donor.ID, b.Donor.ID))
	})
	return found[:min(limit, len(found))]
}

func (r *Register) OfTown(town string) []Donor {
	list := make([]Donor, 0, len(r.byTown[town]))
	for _, i := range r.byTown[town] {
		list = append(list, r.donors[i])
	}
	return list
}

type Receipt struct {
	Number string `json:"number"`
	Donor  string `json:"donor"`
	Text   string `json:"text"`
}

func receiptFor(d Donor, year int) Receipt {
	return Receipt{
		Number: fmt.Sprintf("%d-%06d", year, d.ID),
		Donor:  d.Name,
		Text:   fmt.Sprintf("Received from %s, %s, %s: %d.%02d in %d.", d.Name, d.Street, d.Town, d.Total/100, d.Total%100, year),
	}
}

func newRegister(n int) *Register {
	rnd := rand.New(rand.NewSource(11))
	first := []string{"Anna", "Bernhard", "Cécile", "Dagmar", "Edwin", "Friederike", "Gustav", "Hannelore", "Jörg", "Katharina", "Lutz", "Margarete"}
	last := []string{"Abendroth", "Brückner", "Castellan", "Dörfler", "Ehrenfried", "Fährmann", "Grünwald", "Hohenstein", "Kleinschmidt", "Lindenberg", "Mühlbauer", "Oberländer", "Rosenbaum", "Steinbrecher", "Weißgerber"}
	streets := []string{"Am Alten Markt", "Bahnhofstr.", "Gartenweg", "Lindenallee", "Kirchgasse", "Mühlenstr.", "Schillerplatz", "Uferpromenade"}
	towns := []string{"Altenau", "Bernbach", "Krumhorn", "Lauterfeld", "Nidda", "Wiesental"}
	r := &Register{byTown: map[string][]int{}}
	for i := 0; i < n; i++ {
		d := Donor{
			ID:     i + 1,
			Name:   first[rnd.Intn(len(first))] + " " + string(rune('A'+rnd.Intn(26))) + ". " + last[rnd.Intn(len(last))],
			Street: streets[rnd.Intn(len(streets))] + " " + strconv.Itoa(1+rnd.Intn(140)),
			Town:   towns[rnd.Intn(len(towns))],
			Since:  1985 + rnd.Intn(38),
			Total:  500 + rnd.Intn(90000),
		}
		d.plainName, d.plainStreet = plain(d.Name), plain(d.Street)
		r.byTown[d.Town] = append(r.byTown[d.Town], i)
		r.donors = append(r.donors, d)
	}
	return r
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print("reply: ", err)
	}
}

func main() {
	reg := newRegister(19000)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "ok %d\n", reg.checks.Load())
	})
	mux.HandleFunc("GET /donors/similar", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("name") == "" {
			http.Error(w, "name is missing", http.StatusBadRequest)
			return
		}
		reply(w, reg.Similar(q.Get("name"), q.Get("street"), q.Get("town"), 10))
	})
	mux.HandleFunc("GET /towns/{town}/donors", func(w http.ResponseWriter, r *http.Request) {
		list := reg.OfTown(r.PathValue("town"))
		reply(w, list[:min(50, len(list))])
	})
	mux.HandleFunc("GET /donors/{id}/receipts/{year}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		year, err := strconv.Atoi(r.PathValue("year"))
		if err != nil || id < 1 || id > len(reg.donors) {
			http.NotFound(w, r)
			return
		}
		reply(w, receiptFor(reg.donors[id-1], year))
	})
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
