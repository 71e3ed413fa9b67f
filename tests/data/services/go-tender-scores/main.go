// Tender scores: ranks the bids of a public tender by its award criteria.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sort"
	"strconv"

	"github.com/gorilla/mux"
)

type scored struct {
	Number string   `json:"number"`
	Bidder string   `json:"bidder"`
	Points float64  `json:"points"`
	Notes  []string `json:"notes,omitempty"`
}

type office struct {
	tenders map[string][]Bid
	rules   []Criterion
}

func (o *office) rank(bids []Bid, sheet *Sheet) []scored {
	out := make([]scored, 0, len(bids))
	for i := range bids {
		var total float64
		var notes []string
		for _, c := range o.rules {
			points, note := c.Score(&bids[i], sheet)
			total += points
			if note != "" && len(notes) < 2 {
				notes = append(notes, note)
			}
		}
		out = append(out, scored{Number: bids[i].Number, Bidder: bids[i].Bidder, Points: total, Notes: notes})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Points > out[j].Points })
	return out
}

func (o *office) getRanking(w http.ResponseWriter, r *http.Request) {
	bids, ok := o.tenders[mux.Vars(r)["tender"]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	weight, err := strconv.ParseFloat(r.FormValue("price_weight"), 64)
	if err != nil {
		weight = 0.6
	}
	ranking := o.rank(bids, newSheet(bids, weight))
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(ranking[:min(50, len(ranking))])
}

func main() {
	o := &office{tenders: map[string][]Bid{}, rules: criteria()}
	for i := 0; i < 4; i++ {
		o.tenders["T-"+strconv.Itoa(410+i)] = collectBids(i, 14000)
	}
	r := mux.NewRouter()
	r.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.HandleFunc("/tenders/{tender}/ranking", o.getRanking).Methods(http.MethodGet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
